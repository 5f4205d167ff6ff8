// A callback handler without dependencies: mapped partners and customers, data in memory.
//
//   ACRONIS_JWKS=http://127.0.0.1:9180/api/idp/v1/keys ACRONIS_ISSUER=https://acronis.cloud PORT=8080 node handler.mjs
import { createHash, createPublicKey, randomUUID, timingSafeEqual, verify } from "node:crypto";
import { createServer } from "node:http";

const JWKS = process.env.ACRONIS_JWKS ?? "https://acronis.cloud/api/idp/v1/keys";
const ISSUER = process.env.ACRONIS_ISSUER ?? "https://acronis.cloud";
const PORT = Number(process.env.PORT ?? 8080);

const digest = (text) => createHash("sha256").update(text).digest();

// What a vendor has in a database. Passwords would be stored with a slow hash such as Argon2.
const organisation = (id, password, customers) => ({
  id,
  password: digest(password),
  tenant: undefined,
  customers: new Map(customers.map((name, index) => [`${id}-${index + 1}`, { name, tenant: undefined }])),
});
const organisations = new Map([
  ["acme", organisation("org-acme", "correct-horse", ["Anchor Bakery", "Blue Door Books", "Čapek & Søn"])],
  ["globex", organisation("org-globex", "battery-staple", ["Delta Dental", "Elm Street School"])],
]);

/** A request that is refused, and why. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
const demand = (right, status, message) => {
  if (!right) throw new Refusal(status, message);
};
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string" && value.length > 0;
const isUuid = (value) => isText(value) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);

/** Base64, strictly: Buffer skips what it does not know. */
function decode(text, alphabet) {
  demand(isText(text) && alphabet.test(text), 401, "this is not base64");
  return Buffer.from(text, "base64");
}

// Keys by kid. An unknown kid means that there may be new ones; they are asked for once a second at most.
const keys = new Map();
let fetchedAt = 0;
async function key(kid) {
  if (!keys.has(kid) && Date.now() - fetchedAt > 1_000) {
    fetchedAt = Date.now();
    const answer = await fetch(JWKS, { signal: AbortSignal.timeout(5_000) });
    for (const jwk of (await answer.json()).keys) {
      if (jwk.kty === "RSA") keys.set(jwk.kid, createPublicKey({ key: jwk, format: "jwk" }));
    }
  }
  return keys.get(kid);
}

/** Whether the token was signed by Acronis, is in time, and permits this endpoint. */
async function checkToken(header, endpoint) {
  const [, token] = /^Bearer (\S+)$/i.exec(header ?? "") ?? [];
  demand(token, 401, "a Bearer token is needed");
  const parts = token.split(".");
  demand(parts.length === 3, 401, "the token is no JWT");
  let head, claims;
  try {
    [head, claims] = parts.slice(0, 2).map((part) => JSON.parse(decode(part, /^[\w-]+$/).toString()));
  } catch {
    throw new Refusal(401, "the token cannot be read");
  }
  // The algorithm is ours to say, not the token's.
  demand(isObject(head) && head.alg === "RS256" && isObject(claims), 401, "the token must be signed with RS256");
  const signer = await key(head.kid);
  demand(signer, 401, "the token's key is not known");
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  demand(verify("RSA-SHA256", signed, signer, decode(parts[2], /^[\w-]+$/)), 401, "the signature is wrong");
  demand(claims.iss === ISSUER, 401, "the token has another issuer");
  demand(typeof claims.exp === "number" && claims.exp > Date.now() / 1_000, 401, "the token has expired");
  const roles = Array.isArray(claims.scope) ? claims.scope : [];
  demand(roles.some((entry) => entry?.role === endpoint), 403, "the token is for another endpoint");
}

/** The organisation that the vendor credentials belong to. */
function authenticate(header) {
  const text = decode(header, /^[A-Za-z0-9+/]+={0,2}$/).toString();
  // At the first colon: the JSON behind it has colons of its own.
  const colon = text.indexOf(":");
  demand(colon > 0, 401, "the credentials have no colon");
  let secrets;
  try {
    secrets = JSON.parse(text.slice(colon + 1));
  } catch {
    throw new Refusal(401, "the secrets are not JSON");
  }
  const found = organisations.get(text.slice(0, colon));
  const password = isObject(secrets) && isText(secrets.password) ? secrets.password : "";
  demand(timingSafeEqual(digest(password), found?.password ?? digest("")) && found, 401, "the credentials are wrong");
  return found;
}

// One function a callback: from the organisation and the payload to the payload of the answer.
const callbacks = {
  "enablement.read": (org) => ({
    vendor_tenant_id: org.id,
    // Absent, not null, while there is none: JSON.stringify leaves undefined out.
    acronis_tenant_id: org.tenant,
  }),
  "enablement.write": (org, payload) => {
    demand(isObject(payload) && isText(payload.vendor_tenant_id) && isUuid(payload.acronis_tenant_id), 400, "malformed payload");
    demand(payload.vendor_tenant_id === org.id, 403, "the credentials belong to another organisation");
    const tenant = payload.acronis_tenant_id.toLowerCase();
    demand(!org.tenant || org.tenant === tenant, 409, "the organisation is enabled for another tenant");
    org.tenant = tenant;
  },
  "enablement.reset": (org) => {
    org.tenant = undefined;
    for (const customer of org.customers.values()) customer.tenant = undefined;
  },
  "topology.read": (org) => ({
    items: [...org.customers].map(([id, customer]) => ({ id, name: customer.name })),
  }),
  "tenant_mapping.read": (org) => ({
    items: [...org.customers].map(([id, customer]) => ({ vendor_tenant_id: id, acronis_tenant_id: customer.tenant })),
  }),
  "tenant_mapping.write": (org, payload) => {
    demand(isObject(payload) && Array.isArray(payload.modified), 400, "malformed payload");
    demand(org.tenant, 409, "the organisation is not enabled");
    // All entries are looked at before the first takes effect.
    for (const entry of payload.modified) {
      const tenant = isObject(entry) ? entry.acronis_tenant_id : null;
      demand(isText(entry?.vendor_tenant_id) && (tenant === undefined || isUuid(tenant)), 400, "malformed entry");
      demand(org.customers.has(entry.vendor_tenant_id), 404, "there is no such customer");
    }
    for (const { vendor_tenant_id: id, acronis_tenant_id: tenant } of payload.modified) {
      org.customers.get(id).tenant = tenant?.toLowerCase();
    }
  },
};
const NO_CONTENT = "cti.a.p.acgw.response.v1.0~a.p.success_no_content.v1.0";

async function answer(request, body) {
  demand(request.method === "POST", 405, "callbacks are sent with POST");
  demand(isObject(body) && isUuid(body.request_id) && isText(body.context?.callback_id), 400, "malformed request");
  await checkToken(request.headers.authorization, body.context.endpoint_id);
  const [, name] = /^cti\.a\.p\.acgw\.callback\.v1\.0~a\.p\.(.+)\.v1\.0$/.exec(body.context.callback_id) ?? [];
  demand(Object.hasOwn(callbacks, name ?? ""), 404, "the callback is not known");
  const payload = callbacks[name](authenticate(request.headers["x-cyberapp-auth"]), body.payload);
  const type = payload ? `cti.a.p.acgw.response.v1.0~a.p.${name}.ok.v1.0` : NO_CONTENT;
  return { type, request_id: body.request_id, response_id: randomUUID(), payload };
}

async function read(request, most = 1_000_000) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    demand(length <= most, 413, "the body is too large");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new Refusal(400, "the body is not JSON");
  }
}

createServer(async (request, response) => {
  let status = 200;
  let body, told;
  try {
    body = await read(request);
    told = await answer(request, body);
  } catch (error) {
    status = error instanceof Refusal ? error.status : 500;
    // A client that went away is nobody to tell.
    if (error.code === "ECONNRESET") return;
    if (status === 500) console.error(error);
    const id = isUuid(body?.request_id) ? body.request_id : undefined;
    told = { request_id: id, response_id: randomUUID(), err_message: status === 500 ? "internal error" : error.message };
  }
  if (!request.complete) response.setHeader("Connection", "close");
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(told));
}).listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}/callback`));
