// GraphiQL on the hub: the token from the field above it, and nothing kept beyond this tab.
import { authorization, EXAMPLE, token, tokenField } from "./session.js";

const { React, ReactDOM, GraphiQL, graphqlWs } = window;

const fetcher = GraphiQL.createFetcher({
  url: "/graphql",
  enableIncrementalDelivery: false, // the hub answers in one piece
  fetch: (url, options) => fetch(url, { ...options, headers: { ...options.headers, ...authorization() } }),
  wsClient: graphqlWs.createClient({
    url: new URL("/graphql", location.href).href.replace(/^http/, "ws"),
    connectionParams: authorization,
  }),
});

const root = ReactDOM.createRoot(document.getElementById("graphiql"));

// Questions and variables can hold personal data: GraphiQL would keep them in the browser for good.
const show = () =>
  root.render(
    React.createElement(GraphiQL, {
      key: token(), // another token is another viewer: begin anew
      fetcher,
      defaultQuery: EXAMPLE,
      isHeadersEditorEnabled: false,
      storage: sessionStorage,
    }),
  );

tokenField(show);
show();
