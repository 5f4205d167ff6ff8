//! Causes of a first control that is not accepted, so that the run comes to no verdict.

use super::rule::KnownCause;

macro_rules! causes {
    ($($cause:ident = $name:literal explains $($id:literal)+, $text:literal;)*) => {
        $(pub(crate) const $cause: KnownCause = KnownCause {
            name: $name,
            text: $text,
            explains: &[$($id),+],
        };)*

        /// All of them.
        pub(super) const OPENING: &[KnownCause] = &[$($cause),*];
    };
}

causes! {
    ANOTHER_ADDRESS = "another-address" explains "HTTP-01",
        "A right request is answered with 404 or 405: the URL, its path included, may not be that of the callback handler.";
    CALLBACK_NOT_SERVED = "callback-not-served" explains "HTTP-01",
        "The handler itself answers a right request with 404, 405 or 410: it may have other callbacks than --partner and --customer say.";
    TAKEN_FOR_MALFORMED = "right-request-taken-for-malformed" explains "HTTP-01",
        "A right request is answered with 400 or 422: the handler takes it for malformed. Its answer is shown with HTTP-01.";
    LIMITED = "limited" explains "HTTP-01",
        "A right request is answered with 429 again and again. Lower the handler's limits for the run, or use --concurrency 1.";
    FAILED_WITHOUT_KEYS = "failed-without-keys" explains "HTTP-01",
        "A right request is answered with 5xx, and the keys have not been fetched: the handler may fail where it fetches them. Its log may \
         say why.";
    FAILED_BY_ITSELF = "failed-by-itself" explains "HTTP-01",
        "A right request is answered with 5xx though the keys have been fetched, or need not be. The handler's log may say why.";
    NOT_HTTP = "not-http" explains "HTTP-01" "HTTP-10",
        "Nothing like an HTTP answer comes back over http: the handler may expect https there, or it failed.";
    WITHOUT_END = "answer-without-end" explains "HTTP-01",
        "The answer began, but nothing tells where it ends: give it the right Content-Length, send it in chunks, or close the \
         connection behind it.";
    NO_ANSWER = "no-answer" explains "HTTP-01",
        "No answer came within --timeout. A handler that cannot reach the keys may wait for them that long.";
    ANOTHER_ISSUER = "another-issuer" explains "HTTP-01",
        "The handler refuses every token of this run, and accepts one with another `iss`: that is the issuer that it expects. Use \
         --issuer, or set the handler's.";
    CAPTURED_TOKEN_REFUSED = "captured-token-refused" explains "HTTP-01",
        "A right request with the token of --token is denied: the token may be outdated, or meant for another endpoint; or the \
         credentials are wrong.";
    TOKEN_REFUSED = "token-refused" explains "HTTP-01",
        "A right request is denied in the words that the handler has for a wrong token, and it has fetched the keys: it may expect another \
         issuer (--issuer), audience (--audience) or endpoint (--endpoint-id), or its clock is wrong.";
    KEYS_NOT_FETCHED = "keys-not-fetched" explains "HTTP-01",
        "A right request is denied, and the handler has not fetched the keys of this run: set its JWKS URL to that of the run, or --idp \
         to the address that it uses; restart it if it keeps older keys. A proxy or a framework in front of it may deny it, too.";
    CREDENTIALS_REFUSED = "credentials-refused" explains "HTTP-01",
        "A right request is denied in the words that the handler has for wrong credentials: --identity and --secrets must be those of a \
         partner that it knows. X-CyberApp-Auth is split at its first colon, and the JSON behind it is parsed.";
    CREDENTIALS_MISREAD = "credentials-misread" explains "HTTP-01" "CRED-13",
        "The credentials are denied as they are, and accepted when their secrets are written with escapes: the handler decodes \
         X-CyberApp-Auth otherwise than documented. It is base64 in the standard alphabet, of UTF-8.";
    CONTEXT_REFUSED = "context-refused" explains "HTTP-01",
        "A right request is denied otherwise than one with a wrong token or wrong credentials: the handler may not know the endpoint \
         (--endpoint-id) or the tenant (--tenant-id).";
    TOKEN_OR_CREDENTIALS_REFUSED = "token-or-credentials-refused" explains "HTTP-01",
        "A right request is denied, and so is one with a wrong token or wrong credentials, in the same words. It may be the issuer \
         (--issuer), the audience (--audience), the endpoint (--endpoint-id), the clock, or --identity and --secrets.";
}
