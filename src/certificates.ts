/**
 * Whether Node's code of a failure says that the other side's certificate is not trusted. That is found before anything of a request
 * leaves. Whatever else fails in TLS, an alert of the other side too, may do so after the request has arrived.
 */
export function isUntrusted(code: string): boolean {
  return untrusted.test(code);
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes, and Node's own look at the name in a certificate. */
const untrusted =
  /^(CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$|ERR_TLS_CERT_)/;
