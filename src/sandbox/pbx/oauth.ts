/** The simulated token endpoint, and which tokens are good. */
import { randomBytes } from "node:crypto";
import type { ApiAnswer, ApiRequest } from "./request.js";

export interface OauthOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
  readonly tokenSeconds: number;
  readonly now: () => number;
}

export function createOauth(options: OauthOptions) {
  const expiries = new Map<string, number>();
  let revoked = false;

  const grant = (form: URLSearchParams): ApiAnswer => {
    const isClient = form.get("client_id") === options.clientId && form.get("client_secret") === options.clientSecret;
    if (revoked || !isClient) return { status: 401, body: { error: "invalid_client" } };
    const type = form.get("grant_type");
    if (type !== "client_credentials" && type !== "password") {
      return { status: 400, body: { error: "unsupported_grant_type" } };
    }
    const isUser = form.get("username") === options.username && form.get("password") === options.password;
    if (type === "password" && !isUser) return { status: 400, body: { error: "invalid_grant" } };
    const token = randomBytes(16).toString("hex");
    expiries.set(token, options.now() + options.tokenSeconds * 1000);
    const bearer = { access_token: token, token_type: "Bearer", expires_in: options.tokenSeconds, scope: "all" };
    return {
      status: 200,
      body: { ...bearer, ...(type === "password" ? { refresh_token: randomBytes(16).toString("hex") } : {}) },
    };
  };

  return {
    token(request: ApiRequest): ApiAnswer {
      if (request.method !== "POST") return { status: 405, body: { message: "No such resource" } };
      if (!/^application\/x-www-form-urlencoded\b/.test(request.contentType)) {
        return { status: 400, body: { error: "invalid_request" } };
      }
      return grant(new URLSearchParams(request.body));
    },
    allows(authorization: string | undefined): boolean {
      const expiry = expiries.get(/^Bearer (\S+)$/.exec(authorization ?? "")?.[1] ?? "");
      return expiry !== undefined && options.now() < expiry;
    },
    expireAll: () => expiries.clear(),
    revoke(isRevoked: boolean): void {
      revoked = isRevoked;
      expiries.clear();
    },
  };
}
