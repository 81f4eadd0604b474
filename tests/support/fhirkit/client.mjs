// What fhir-kit-client gets of a hub: its statement, a search in pages, one record, and what is refused.
// Asked by one line of JSON: base, token, search. A search is a POST, its parameters in the body.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { Client } = await import(pathToFileURL(`${process.argv[2]}/node_modules/fhir-kit-client/dist/client.js`));
const { base, token, search } = JSON.parse(readFileSync(0, "utf-8"));
const client = new Client({ baseUrl: base, bearerToken: token });
const options = { postSearch: true };

const refused = (asking) => asking.then(
  () => { throw new Error("answered"); },
  ({ response }) => ({ status: response.status, outcome: response.data }));

const pages = [await client.search({ resourceType: "Flag", searchParams: search, options })];
for (let next = client.nextPage({ bundle: pages[0] }); next; next = client.nextPage({ bundle: pages.at(-1) }))
  pages.push(await next);
const { id } = pages[0].entry[0].resource;

console.log(JSON.stringify({
  statement: await client.capabilityStatement(),
  pages,
  read: await client.read({ resourceType: "Flag", id }),
  byGet: await refused(client.search({ resourceType: "Flag", searchParams: search })),
  ofAll: await refused(client.search({ resourceType: "Flag", searchParams: {}, options })),
}));
