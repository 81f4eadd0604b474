// What both pages share: the bearer token, kept for this tab alone, and a first question to ask.

export const EXAMPLE = `# Who you are, and the plans you have to do with.
# Null is withheld: viewerAccess says why.
{
  viewer {
    name
  }
  plans(first: 10) {
    totalCount
    edges {
      node {
        shortName
        status
        goals {
          title
        }
        viewerAccess {
          element
          level
          reason
        }
      }
    }
  }
}
`;

const KEY = "token";

// A link may carry a token after the hash, which no browser sends to a server; it leaves the address bar at once.
const carried = new URLSearchParams(location.hash.slice(1)).get("token");
if (carried) {
  sessionStorage.setItem(KEY, carried);
  history.replaceState(null, "", location.pathname + location.search);
}

export const token = () => sessionStorage.getItem(KEY) ?? "";

export const authorization = () => (token() ? { Authorization: `Bearer ${token()}` } : {});

/** Ties the page's token field to the session; `changed` is called when another token is in force. */
export function tokenField(changed) {
  const field = document.getElementById("token");
  field.value = token();
  field.addEventListener("change", () => {
    const given = field.value.trim().replace(/^Bearer\s+/i, "");
    if (given) sessionStorage.setItem(KEY, given);
    else sessionStorage.removeItem(KEY);
    field.value = given;
    changed();
  });
}
