// npm oidc-provider as an organization's provider. One JSON line in: {"port", "clients", "person"}; it runs until its input ends.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const [line] = await new Promise((resolve) => createInterface(process.stdin).once("line", (text) => resolve([text])));
const given = JSON.parse(line);
const PERSON = {
  sub: "npm-maija",
  preferred_username: "maija@npm.example",
  given_name: "Maija",
  family_name: "Meikäläinen",
  email: "maija@npm.example",
  ...given.person,
};

async function loadExistingGrant({ oidc }) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope("openid profile email");
  await grant.save();
  return grant;
}

const provider = new Provider(`http://127.0.0.1:${given.port}`, {
  clients: given.clients,
  cookies: { keys: ["a cookie key of a test"] },
  claims: { openid: ["sub"], profile: ["given_name", "family_name", "preferred_username"], email: ["email"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: () => ({ accountId: PERSON.sub, claims: () => PERSON }),
  loadExistingGrant,
});

const answer = provider.callback();
createServer(async (request, response) => {
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  // Whoever comes is the one person there is.
  return provider.interactionFinished(request, response, { login: { accountId: PERSON.sub } });
}).listen(given.port, "127.0.0.1", () => console.log("ready"));
process.stdin.on("end", () => process.exit());
