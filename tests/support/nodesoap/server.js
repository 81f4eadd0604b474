// A fagsystem on npm's soap: node server.js WSDL USERNAME PASSWORD. It prints its port, answers one path for each
// of the ways to sign in, keeps what it is told and shows it at /kept.
const http = require("http"), crypto = require("crypto"), fs = require("fs");
const soap = require(require.resolve("soap", {paths: [process.env.NODE_SOAP]}));

const [wsdl, username, password] = process.argv.slice(2);
const HUB = "urn:no:stafettlogg-hub:har-stafettlogg:v1";
const JOURNAL = "http://schemas.datacontract.org/2004/07/Nordlys.Journal";
const UNKNOWN = "15861490200", kept = [];

function known(id, told) {
  const before = kept.some((one) => one.id === id);
  if (!before) kept.push({id, told});
  return before;
}

function fault(name, namespace, inner) {
  const detail = {["f:" + name]: {attributes: {"xmlns:f": namespace}, ...inner}};
  return {Fault: {faultcode: "soap:Server", faultstring: name, detail, statusCode: 500,
                  Code: {Value: "soap:Receiver"}, Reason: {Text: name}, Detail: detail}};
}

function take({fact}) {
  if (fact.person.value === UNKNOWN) throw fault("UnknownPersonFault", HUB, {});
  return {answer: {result: known(fact.factId, fact) ? "DUPLICATE" : "CONFIRMED", reference: "node-" + fact.seq}};
}

const hub = {
  register: take, update: take, end: take,
  status: () => ({status: {contract: "HarStafettlogg v1", ready: true}}),
};

const journal = {
  RegistrerMerknad: ({merknad}) => {
    if (merknad.Fodselsnummer === UNKNOWN) throw fault("MerknadFeil", JOURNAL, {"f:Kode": "PasientIkkeFunnet"});
    const [id] = merknad.Nokler.KeyValueOfstringstring;
    const Status = known(id.Value, merknad) ? "FinnesFraFor" : "Lagret";
    return {RegistrerMerknadResult: {  // node-soap finds no type of another namespace: it is told of this one
      attributes: {"xmlns:j": JOURNAL}, "j:MerknadId": "node-" + merknad.Lopenummer, "j:Status": Status}};
  },
  AvsluttMerknad: (told) => ({AvsluttMerknadResult: !known(told.eksternId + told.lopenummer, told)}),
  OppdaterKontakt: (told) => { known(told.eksternId + "kontakt", told); return {}; },
  Ping: () => ({PingResult: "Klar"}),
};

const services = {
  HarStafettloggService: {HarStafettloggSoap11: hub, HarStafettloggSoap12: hub},
  Merknad: {BasicHttpBinding_IMerknad: journal, CustomBinding_IMerknad: journal},
};

function text(value) { return value && typeof value === "object" ? value.$value : value; }

const ways = {
  "/open": () => true,
  "/text": (token) => text(token.Password) === password,
  "/digest": (token) => text(token.Password) === crypto.createHash("sha1").update(Buffer.concat(
    [Buffer.from(text(token.Nonce), "base64"), Buffer.from(text(token.Created) + password)])).digest("base64"),
};

const server = http.createServer((request, response) => {
  response.end(JSON.stringify(kept));
});
server.listen(0, "127.0.0.1", () => {
  for (const [path, right] of Object.entries(ways)) {
    const one = soap.listen(server, path, services, fs.readFileSync(wsdl, "utf8"));
    if (path === "/open") continue;
    one.authenticate = (security) => {
      const token = security && security.UsernameToken;
      return Boolean(token) && text(token.Username) === username && right(token);
    };
  }
  console.log(server.address().port);
});
