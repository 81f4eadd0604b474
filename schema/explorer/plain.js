// The page without GraphiQL: one question, its variables, and the answer as it came.
import { authorization, EXAMPLE, tokenField } from "./session.js";

const [form, query, variables, status, answer] = ["ask", "query", "variables", "status", "answer"].map((id) =>
  document.getElementById(id),
);

async function ask(body) {
  const started = performance.now();
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...authorization() },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { text, summary: `${response.status} · ${Math.round(performance.now() - started)} ms` };
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // a proxy's page, say: shown as it came
  }
}

async function run() {
  status.textContent = "…";
  try {
    const given = variables.value.trim();
    const { text, summary } = await ask({ query: query.value, variables: given ? JSON.parse(given) : {} });
    answer.textContent = indented(text);
    status.textContent = summary;
  } catch (error) {
    answer.textContent = "";
    status.textContent = error instanceof SyntaxError ? `The variables are not JSON: ${error.message}` : "No answer";
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});

query.value = EXAMPLE;
tokenField(() => {});
