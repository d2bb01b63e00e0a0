// npm samlp as an identity provider: reads requests and makes answers, one JSON line each.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const samlp = createRequire(new URL("../node/package.json", import.meta.url))("samlp");

const deeds = {
  // Reads the request (its signature held to `signingCert`) and answers as the options say.
  answer({ query, body, options }) {
    return new Promise((resolve, reject) => {
      const request = {
        method: body ? "POST" : "GET",
        query: query ?? {},
        body: body ?? {},
        user: {
          id: "8f2c1e",
          emails: [{ value: "aino@kuusela.example" }],
          name: { givenName: "Aino", familyName: "Kuusela" },
          displayName: "Aino Kuusela",
        },
      };
      samlp.auth({
        ...options,
        getPostURL: (audience, dom, req, callback) =>
          callback(null, dom.documentElement.getAttribute("AssertionConsumerServiceURL")),
        responseHandler: (response, opts) =>
          resolve({
            SAMLResponse: response.toString("base64"),
            RelayState: (query ?? body).RelayState,
          }),
      })(request, { set() {}, send: (what) => reject(new Error(String(what))) }, reject);
    });
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: deed, ...given } = JSON.parse(line);
  try {
    console.log(JSON.stringify(await deeds[deed](given)));
  } catch (error) {
    console.log(JSON.stringify({ refused: String(error?.message ?? error) }));
  }
}
