//! Every fault: its name, what it does wrong, and which requirements it breaks.

use super::named::faults;
use crate::protocol::{Enablement, EnablementMethod};

/// Where partners and customers are mirrored.
const MIRRORED: Enablement =
    match Enablement::new(EnablementMethod::Mirrored, EnablementMethod::Mirrored) {
        Some(both) => both,
        None => Enablement::MAPPED,
    };

/// Where partners are mirrored and customers are mapped.
const MIRRORED_MAPPED: Enablement =
    match Enablement::new(EnablementMethod::Mirrored, EnablementMethod::Mapped) {
        Some(both) => both,
        None => Enablement::MAPPED,
    };

impl Fault {
    /// The fault of this name.
    pub fn from_name(name: &str) -> Option<Fault> {
        Self::all()
            .iter()
            .copied()
            .find(|fault| fault.name() == name)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

faults! {
    // HTTP: status, media type, body, connection.

    /// Answers a success with status 201.
    Status201 = "status-201" breaks "HTTP-01" "CUS-01";
    /// Parts identity from secrets at the last colon in place of the first, and so refuses everybody.
    SplitAtLastColon = "split-at-last-colon" breaks "HTTP-01";
    /// Announces a success as text/html.
    ContentTypeHtml = "content-type-html" breaks "HTTP-02";
    /// Sends a success without a Content-Type.
    ContentTypeMissing = "content-type-missing" breaks "HTTP-02";
    /// Announces charset iso-8859-1 for its UTF-8.
    CharsetLatin1 = "charset-latin-1" breaks "HTTP-02";
    /// Begins every body with a byte order mark.
    BomBeforeJson = "bom-before-json" breaks "HTTP-03";
    /// Prints a warning behind the JSON text.
    GarbageAfterJson = "garbage-after-json" breaks "HTTP-03";
    /// Writes letters beyond ASCII in Latin-1 though JSON is UTF-8.
    BodyInLatin1 = "body-in-latin-1" breaks "HTTP-03" "MAP-09";
    /// Prints its data with single quotes, as its programming language does, in place of JSON.
    SingleQuotes = "single-quotes" breaks "HTTP-03";
    /// Compresses answers though the request says `Accept-Encoding: identity`.
    GzipUnasked = "gzip-unasked" breaks "HTTP-04";
    /// Redirects to the same path with a slash behind it.
    RedirectToSlash = "redirect-to-slash" breaks "HTTP-05";
    /// Closes the connection in the middle of the body.
    ClosesMidAnswer = "closes-mid-answer" breaks "HTTP-06";
    /// Sends the body in chunks and closes the connection without the last one.
    LastChunkMissing = "last-chunk-missing" breaks "HTTP-06";
    /// Announces one byte less than the body has.
    ContentLengthTooShort = "content-length-too-short" breaks "HTTP-03" "HTTP-06" "ERR-01";
    /// Reads a request and never answers it.
    NeverAnswers = "never-answers" breaks "HTTP-07";
    /// Sends the body one byte a second.
    DripsAnswer = "drips-answer" breaks "HTTP-07";
    /// Serves a callback whatever the method.
    AnyMethod = "any-method" breaks "HTTP-08";
    /// Serves a callback that is sent with PUT.
    PutAccepted = "put-accepted" breaks "HTTP-08";
    /// Answers any method but POST with status 500.
    OtherMethod500 = "other-method-500" breaks "HTTP-08";
    /// Sends stray bytes behind the body on a connection that stays open.
    GarbageAfterAnswer = "garbage-after-answer" breaks "HTTP-06";
    /// Keeps the connection open and drops it without an answer when a second request comes.
    SecondRequestDropped = "second-request-dropped" breaks "HTTP-09";
    /// Begins its answers with a line that is no status line.
    InvalidStatusLine = "invalid-status-line" breaks "HTTP-10";
    /// Sends a header line without a colon.
    HeaderWithoutColon = "header-without-colon" breaks "HTTP-10";
    /// Wants the Content-Type to be `application/json` letter by letter.
    ContentTypeExact = "content-type-exact" breaks "HTTP-11";
    /// Wants the Content-Type in lower case.
    ContentTypeCaseSensitive = "content-type-case-sensitive" breaks "HTTP-11";
    /// Finds header fields only by the spelling of the documentation.
    HeaderNamesCaseSensitive = "header-names-case-sensitive" breaks "HTTP-12";

    // TLS: as settings of the server.

    /// Speaks TLS 1.2 at best.
    Tls12Only = "tls-1.2-only" breaks "TLS-01";
    /// Shows the self-signed certificate that came with the server, made out to another name.
    WrongCertificate = "wrong-certificate" breaks "TLS-02";

    // ENV: the envelope of a success.

    /// Answers without `type`.
    TypeMissing = "type-missing" breaks "ENV-01";
    /// Wraps the answer in an array.
    AnswerInArray = "answer-in-array" breaks "ENV-01";
    /// Sends a number as `response_id`.
    ResponseIdNumber = "response-id-number" breaks "ENV-01";
    /// Gives the request's type back in place of the response's.
    RequestTypeEchoed = "request-type-echoed" breaks "ENV-02";
    /// Answers every callback with the type of the other one's response.
    TypeOfOtherCallback = "type-of-other-callback" breaks "ENV-02" "ERR-03";
    /// Makes up a `request_id` of its own.
    RequestIdFresh = "request-id-fresh" breaks "ENV-03";
    /// Answers with the `request_id` of the request before.
    RequestIdPrevious = "request-id-previous" breaks "ENV-03" "ENV-08";
    /// Turns the `request_id` into lower case.
    RequestIdLowerCased = "request-id-lower-cased" breaks "ENV-04";
    /// Sends a `response_id` that is no UUID.
    ResponseIdNotUuid = "response-id-not-uuid" breaks "ENV-05";
    /// Sends an empty `response_id`.
    ResponseIdEmpty = "response-id-empty" breaks "ENV-05" "ENV-06";
    /// Begins anew with the response ids of before after every 256 answers.
    ResponseIdRepeats = "response-id-repeats" breaks "ENV-06";
    /// Sends the same `response_id` always.
    ResponseIdConstant = "response-id-constant" breaks "ENV-06";
    /// Adds `status` to the envelope.
    ExtraTopLevelField = "extra-top-level-field" breaks "ENV-07";
    /// Adds an empty `err_message` to a success.
    EmptyErrMessage = "empty-err-message" breaks "ENV-07";
    /// Keeps the `request_id` in a place that concurrent requests share.
    RequestIdShared = "request-id-shared" breaks "ENV-08";
    /// Refuses a `created_at` before the year 2000.
    CreatedAtTooOld = "created-at-too-old" breaks "ENV-09";
    /// Refuses a `created_at` with a fraction of a second.
    CreatedAtFraction = "created-at-fraction" breaks "ENV-09";
    /// Refuses a `created_at` outside of UTC.
    CreatedAtOffset = "created-at-offset" breaks "ENV-09";
    /// Refuses a request whose first key is not `type`.
    KeyOrderDependent = "key-order-dependent" breaks "ENV-10";
    /// Refuses a body with line breaks in it.
    WhiteSpaceRefused = "white-space-refused" breaks "ENV-10";
    /// Refuses with 413, as a proxy does, bodies above 1,000 bytes.
    LongBodies413 = "long-bodies-413" breaks "ENV-10";
    /// Finds the callback by searching the body's text, where it may be written with escapes.
    EscapesNotDecoded = "escapes-not-decoded" breaks "ENV-10";
    /// Answers with success, and without customers, what should be refused.
    NothingLookedAt = "nothing-looked-at" breaks
        "HTTP-08" "ENV-11" "JWT-01" "JWT-02" "JWT-03" "JWT-04" "JWT-05" "JWT-06" "JWT-07" "JWT-08" "JWT-09" "JWT-10" "JWT-11" "JWT-12"
        "JWT-13" "JWT-14" "JWT-15" "JWT-16" "JWT-17" "CRED-01" "CRED-02" "CRED-03" "CRED-04" "CRED-05" "CRED-06" "CRED-07" "CRED-11"
        "ENA-06" "ENA-07" "ENA-10" "MAP-12" "ROB-01" "ROB-02" "ROB-03";
    /// Answers a callback that it does not know as if it were `tenant_mapping.read`.
    UnknownCallbackServed = "unknown-callback-served" breaks "ENV-11";
    /// Fails with status 500 on a callback that it does not know.
    UnknownCallback500 = "unknown-callback-500" breaks "ENV-11";
    /// Serves whatever callback's name begins with the name of one that it knows.
    CallbackByPrefix = "callback-by-prefix" breaks "ENV-11";
    /// Sends null as the payload of an answer that has none.
    NoContentNull = "no-content-null" breaks "ENV-12";
    /// Sends an empty object as the payload of an answer that has none.
    NoContentObject = "no-content-object" breaks "ENV-12";
    /// Gives the payload of a write back in its answer.
    NoContentEchoed = "no-content-echoed" breaks "ENV-12";

    // JWT: the token.

    /// Serves requests without an Authorization header.
    TokenNotRequired = "token-not-required" breaks "JWT-01";
    /// Fails with status 500 when there is no Authorization header.
    MissingToken500 = "missing-token-500" breaks "JWT-01" "ROB-09";
    /// Searches the whole of Authorization for a token.
    BearerAnywhere = "bearer-anywhere" breaks "JWT-02";
    /// Ignores what stands behind the third part of a token.
    FourthPartIgnored = "fourth-part-ignored" breaks "JWT-03";
    /// Takes what stands behind the first seven letters of Authorization for the token.
    SchemeByLength = "scheme-by-length" breaks "JWT-02";
    /// Takes the token whatever the scheme before it.
    AnyScheme = "any-scheme" breaks "JWT-02";
    /// Does not look at the token of a request_id that it has served before.
    SeenRequestTrusted = "seen-request-trusted" breaks "JWT-01";
    /// Takes `Bearer` without a token for a token.
    EmptyBearer = "empty-bearer" breaks "JWT-02" "JWT-03";
    /// Swallows the error when a token cannot be taken apart, and goes on.
    GarbageToken = "garbage-token" breaks "JWT-03";
    /// Fails with status 500 when a token cannot be taken apart.
    GarbageToken500 = "garbage-token-500" breaks "JWT-03" "ROB-09";
    /// Decodes the token and never verifies it.
    TokenNotVerified = "token-not-verified"
        breaks "JWT-04" "JWT-05" "JWT-06" "JWT-07" "JWT-08" "JWT-09";
    /// Looks up the key and then ignores what the verification says.
    SignatureIgnored = "signature-ignored" breaks "JWT-04" "JWT-05" "JWT-06";
    /// Takes an empty signature for a good one.
    EmptySignature = "empty-signature" breaks "JWT-04";
    /// Remembers verified tokens by header and claims, and no longer looks at their signature.
    VerifiedClaimsRemembered = "verified-claims-remembered" breaks "JWT-04";
    /// Remembers verified tokens in a column that does not tell capital letters from small ones.
    VerifiedCaseless = "verified-caseless" breaks "JWT-04";
    /// Remembers verified tokens by header and signature, and no longer looks at their claims.
    VerifiedSignatureRemembered = "verified-signature-remembered" breaks "JWT-05";
    /// Trusts a token whose key it cannot find.
    UnknownKeyTrusted = "unknown-key-trusted" breaks "JWT-07";
    /// Trusts a key that the header brings along where it does not know the kid.
    JwkUnderUnknownKid = "jwk-under-unknown-kid" breaks "JWT-07";
    /// Trusts a key that can be had where the header says, where it does not know the kid.
    JkuUnderUnknownKid = "jku-under-unknown-kid" breaks "JWT-07";
    /// Verifies nothing where the header names no algorithm.
    AlgEmpty = "alg-empty" breaks "JWT-08";
    /// Honours `alg: none`.
    AlgNone = "alg-none" breaks "JWT-08";
    /// Refuses `alg: none` but not `alg: None`.
    AlgNoneCapitalised = "alg-none-capitalised" breaks "JWT-08";
    /// Honours `alg: HS256`, with the text of the public key as the secret.
    AlgHs256 = "alg-hs256" breaks "JWT-09";
    /// Honours `alg: HS256`, with the bytes of the public key as the secret.
    AlgHs256Der = "alg-hs256-der" breaks "JWT-09";
    /// Does not look again at when a token expires that it has accepted.
    ExpiryOfKnownIgnored = "expiry-of-known-ignored" breaks "JWT-10";
    /// Takes true for any role.
    RoleTrue = "role-true" breaks "JWT-16";
    /// Takes an expiry of 0 for none.
    ExpiryZero = "expiry-zero" breaks "JWT-10";
    /// Ignores `exp`.
    ExpiryIgnored = "expiry-ignored" breaks "JWT-10";
    /// Takes a token for good an hour from when it was issued, whatever its expiry.
    ExpiryFromIssue = "expiry-from-issue" breaks "JWT-10" "JWT-12";
    /// Disables partners whether or not the token has expired.
    ResetWithExpiredToken = "reset-with-expired-token" breaks "JWT-10";
    /// Fails with status 503, as a proxy does, where a token has expired.
    Expired503 = "expired-503" breaks "JWT-10" "JWT-20";
    /// Redirects who comes with an expired token to a page for logging in.
    ExpiredRedirected = "expired-redirected" breaks "JWT-10";
    /// Sends a page of HTML with status 200 where a token has expired.
    ExpiredPage200 = "expired-page-200" breaks "JWT-10";
    /// Computes with the expiry in milliseconds of 32 bits.
    ExpiryIn32Bits = "expiry-in-32-bits" breaks "JWT-10";
    /// Takes a token for good three quarters of an hour behind its expiry.
    ExpiryLeewayLong = "expiry-leeway-long" breaks "JWT-10";
    /// Lets a token be good for a day longer than it says.
    ExpiryLeewayDay = "expiry-leeway-day" breaks "JWT-10";
    /// Ignores `iss`.
    IssuerIgnored = "issuer-ignored" breaks "JWT-11";
    /// Takes any issuer that begins with the right one.
    IssuerPrefix = "issuer-prefix" breaks "JWT-11";
    /// Takes any issuer that ends with the right one.
    IssuerSuffix = "issuer-suffix" breaks "JWT-11";
    /// Searches the issuer line by line for the right one, as a regular expression whose dots stand for anything.
    IssuerAsPattern = "issuer-as-pattern" breaks "JWT-11";
    /// Compares issuers without their scheme.
    IssuerWithoutScheme = "issuer-without-scheme" breaks "JWT-11";
    /// Takes any issuer that the right one begins with.
    IssuerCut = "issuer-cut" breaks "JWT-11";
    /// Takes a token without `exp` for one that never ends.
    MissingExpiry = "missing-expiry" breaks "JWT-12";
    /// Takes a token without `iss`.
    MissingIssuer = "missing-issuer" breaks "JWT-13";
    /// Takes a token without a scope for one that permits everything.
    MissingScope = "missing-scope" breaks "JWT-14";
    /// Wants all roles of the scope to be the endpoint, which those of an empty scope are.
    AllRolesInPlaceOfAny = "all-roles-in-place-of-any" breaks "JWT-14" "JWT-21";
    /// Never compares the roles with the endpoint.
    EndpointIgnored = "endpoint-ignored" breaks "JWT-15" "JWT-16" "JWT-17";
    /// Disables partners whatever CyberApp the token is for.
    ResetForAnyApp = "reset-for-any-app" breaks "JWT-15";
    /// Disables partners whoever issued the token.
    ResetForAnyIssuer = "reset-for-any-issuer" breaks "JWT-11";
    /// Takes roles that are texts of the scope, or the scope itself, for roles.
    ScopeOfTexts = "scope-of-texts" breaks "JWT-16";
    /// Takes a role with a line feed behind it, as `$` of a regular expression does.
    RoleWithLineFeed = "role-with-line-feed" breaks "JWT-16";
    /// Once an endpoint was permitted, serves it to every token.
    EndpointRemembered = "endpoint-remembered" breaks "JWT-15" "JWT-16";
    /// Takes a role that the endpoint begins with, or that begins with the endpoint.
    RolePrefix = "role-prefix" breaks "JWT-16";
    /// Takes a role that the endpoint is derived from.
    RoleParent = "role-parent" breaks "JWT-16";
    /// Takes a role that is derived from the endpoint.
    RoleChild = "role-child" breaks "JWT-16";
    /// Searches the role line by line for the endpoint, as a regular expression whose dots stand for anything.
    RoleAsPattern = "role-as-pattern" breaks "JWT-16";
    /// Searches the whole scope for the endpoint.
    EndpointAnywhereInScope = "endpoint-anywhere-in-scope" breaks "JWT-16";
    /// Takes a scope that is no list for one that permits everything.
    UnreadScopeAccepted = "unread-scope-accepted" breaks "JWT-16";
    /// Compares roles without regard to letter case.
    RoleCaseInsensitive = "role-case-insensitive" breaks "JWT-16";
    /// Lets a role that was good for its own endpoint be good for every endpoint.
    RoleRemembered = "role-remembered" breaks "JWT-17";
    /// Fetches the keys once and never again.
    JwksFetchedOnce = "jwks-fetched-once" breaks "JWT-18";
    /// Verifies every token with the first published key.
    FirstKeyOnly = "first-key-only" breaks "JWT-18";
    /// Refuses a bad token with status 400.
    BadToken400 = "bad-token-400" breaks "JWT-19";
    /// Fails with status 500 when a claim has the wrong type.
    ClaimType500 = "claim-type-500" breaks "JWT-20";
    /// Crashes when a claim has the wrong type.
    ClaimTypeCrash = "claim-type-crash" breaks "JWT-20";
    /// Looks at the first entry of the scope only.
    FirstScopeOnly = "first-scope-only" breaks "JWT-21";
    /// Refuses a scope of several entries.
    SeveralScopesRefused = "several-scopes-refused" breaks "JWT-21";
    /// Refuses a token with `iri` in its header.
    IriRefused = "iri-refused" breaks "JWT-22";
    /// Refuses a token with claims that it does not know.
    UnknownClaimRefused = "unknown-claim-refused" breaks "JWT-22";
    /// Denies a token that was issued more than five minutes ago.
    OldTokenRefused = "old-token-refused" breaks "JWT-25";
    /// Denies a token that is not good for an hour.
    LifetimeOfAnHour = "lifetime-of-an-hour" breaks "JWT-25";
    /// Denies a token that it has seen before.
    TokenTakenOnce = "token-taken-once" breaks "JWT-24";

    // CRED: X-CyberApp-Auth.

    /// Serves the first partner when there are no credentials.
    CredentialsNotRequired = "credentials-not-required" breaks "CRED-01";
    /// Fails with status 500 when there are no credentials.
    MissingCredentials500 = "missing-credentials-500" breaks "CRED-10";
    /// Serves the first partner when the credentials are not base64.
    NotBase64Accepted = "not-base64-accepted" breaks "CRED-02";
    /// Looks at no secrets when no colon announces them.
    NoColonAccepted = "no-colon-accepted" breaks "CRED-03";
    /// Looks at no secrets when they are not JSON.
    NotJsonAccepted = "not-json-accepted" breaks "CRED-04";
    /// Never compares the secrets.
    SecretsIgnored = "secrets-ignored" breaks "CRED-05" "CRED-07" "CRED-11" "ENA-10";
    /// Compares secrets without regard to letter case.
    SecretCaseInsensitive = "secret-case-insensitive" breaks "CRED-05";
    /// Looks at no secrets where the request came before.
    AnsweredUnchecked = "answered-unchecked" breaks "CRED-05";
    /// Takes any text that has as many letters as the secret.
    SecretLengthOnly = "secret-length-only" breaks "CRED-05";
    /// Makes a partner without customers of an identity that it does not know.
    UnknownIdentityAccepted = "unknown-identity-accepted" breaks "CRED-06" "CRED-09";
    /// Takes what an identity begins with for the identity.
    IdentityInPart = "identity-in-part" breaks "CRED-06";
    /// Finds the identity `constructor` where it looks partners up, with secrets that nobody has.
    InheritedIdentity = "inherited-identity" breaks "CRED-06";
    /// Finds the partner by the secrets, whatever the identity.
    IdentityIgnored = "identity-ignored" breaks "CRED-06" "CRED-07" "ENA-10";
    /// Takes any partner's secrets for any partner.
    AnyPartnersSecrets = "any-partners-secrets" breaks "CRED-07";
    /// Compares the secrets as text in place of JSON.
    SecretsAsText = "secrets-as-text" breaks "CRED-08";
    /// Decodes credentials as Latin-1 in place of UTF-8.
    CredentialsInLatin1 = "credentials-in-latin-1" breaks "CRED-13";
    /// Decodes credentials from the base64 alphabet for URLs, which has `-` and `_` in place of `+` and `/`.
    CredentialsForUrls = "credentials-for-urls" breaks "CRED-13";
    /// Refuses bad credentials with status 400.
    BadCredentials400 = "bad-credentials-400" breaks "CRED-09";
    /// Fails with status 500 when the secrets are not UTF-8.
    SecretsNotUtf8500 = "secrets-not-utf8-500" breaks "CRED-10";
    /// Crashes when a NUL stands in or behind the secrets.
    SecretsNulCrash = "secrets-nul-crash" breaks "CRED-10";
    /// Fails with status 500 when the secrets are an array.
    SecretsArray500 = "secrets-array-500" breaks "CRED-10";
    /// Compares secrets loosely: true equals every text.
    LooseComparison = "loose-comparison" breaks "CRED-11";
    /// Hands secrets to a database that takes `{"$ne": null}` for a condition.
    OperatorObjects = "operator-objects" breaks "CRED-11";
    /// Compares the secrets that are given, and no others.
    SecretsGivenOnly = "secrets-given-only" breaks "CRED-11";
    /// Skips the comparison when a secret is null.
    NullSecret = "null-secret" breaks "CRED-11";

    // EXTRA: X-CyberApp-Extra.

    /// Refuses extra data whose JSON text has white space or escapes.
    ExtraCompactOnly = "extra-compact-only" breaks "EXTRA-01";
    /// Fails with status 500 when extra data has letters beyond ASCII.
    ExtraNotAscii500 = "extra-not-ascii-500" breaks "EXTRA-02" "EXTRA-04";
    /// Fails with status 500 when a value of the extra data is true or false.
    ExtraBoolean500 = "extra-boolean-500" breaks "EXTRA-02" "EXTRA-04";
    /// Fails with status 500 when extra data is an array.
    ExtraArray500 = "extra-array-500" breaks "EXTRA-03";
    /// Crashes when extra data cannot be read.
    MalformedExtraCrash = "malformed-extra-crash" breaks "EXTRA-03" "EXTRA-04" "ROB-09";
    /// Fails with status 500 when extra data has the key `__proto__` or `constructor`.
    ExtraProto500 = "extra-proto-500" breaks "EXTRA-04";

    // ERR: refusals.

    /// Answers refusals in plain text.
    PlainTextRefusals = "plain-text-refusals" breaks "ERR-01";
    /// Answers refusals without a body.
    EmptyRefusals = "empty-refusals" breaks "ERR-01";
    /// Gives its refusals a `type` of their own.
    ErrorTypeOnRefusal = "error-type-on-refusal" breaks "ERR-01";
    /// Calls `err_message` `error`.
    MessageMisnamed = "message-misnamed" breaks "ERR-01";
    /// Refuses before it has read the request's id, and so never names it.
    RefusalUnnamed = "refusal-unnamed" breaks "ERR-02";
    /// Makes up a `request_id` for its refusals.
    RefusalRequestIdFresh = "refusal-request-id-fresh" breaks "ERR-02";
    /// Gives its refusals the type of a success.
    SuccessTypeOnRefusal = "success-type-on-refusal" breaks "ERR-03";
    /// Repeats the credentials in its refusals.
    SecretEchoed = "secret-echoed" breaks "ERR-04";
    /// Repeats the token in its refusals.
    TokenEchoed = "token-echoed" breaks "ERR-04";
    /// Repeats the token in a header of every answer.
    TokenInHeader = "token-in-header" breaks "ERR-04";
    /// Shows a stack trace in its refusals.
    StackTrace = "stack-trace" breaks "ERR-05";
    /// Answers refusals with status 200.
    RefusalStatus200 = "refusal-status-200" breaks "ERR-06";

    // ENA: enablement.*.

    /// Sends the number of the organisation's row as its vendor tenant id.
    EnablementVendorIdNumber = "enablement-vendor-id-number" breaks "ENA-01";
    /// Leaves the vendor tenant id out of what it says of the organisation.
    EnablementVendorIdMissing = "enablement-vendor-id-missing" breaks "ENA-01";
    /// Adds the organisation's name to what it says of it.
    EnablementExtraKey = "enablement-extra-key" breaks "ENA-01";
    /// Sends null as the Acronis tenant id of an organisation that is not enabled.
    EnablementIdNull = "enablement-id-null" breaks "ENA-02";
    /// Sends "" as the Acronis tenant id of an organisation that is not enabled.
    EnablementIdEmpty = "enablement-id-empty" breaks "ENA-02";
    /// Sends the organisation's Acronis tenant id without its dashes.
    EnablementIdNoDashes = "enablement-id-no-dashes" breaks "ENA-02";
    /// Forgets the organisation's Acronis tenant in every other answer.
    EnablementUnstable = "enablement-unstable" breaks "ENA-03";
    /// Says that an organisation is enabled and does not remember it.
    EnableLost = "enable-lost" breaks "ENA-04";
    /// Refuses to enable an organisation for the tenant that it is enabled for.
    EnableAgainRefused = "enable-again-refused" breaks "ENA-05";
    /// Enables an organisation anew for another tenant though it is enabled.
    OtherTenantStored = "other-tenant-stored" breaks "ENA-06";
    /// Says that an organisation is enabled for another tenant, and keeps the one that it has.
    OtherTenantIgnored = "other-tenant-ignored" breaks "ENA-06";
    /// Refuses another tenant for an enabled organisation after it has stored it.
    OtherTenantRefusedAndStored = "other-tenant-refused-and-stored" breaks "ENA-11";
    /// Refuses another tenant for the organisation, and takes its customers' mappings away.
    OtherTenantClears = "other-tenant-clears" breaks "ENA-11";
    /// Enables the organisation before it finds out that it cannot read the payload.
    EnabledUnread = "enabled-unread" breaks "ENA-11";
    /// Says that an enabled organisation is enabled for the tenant that asks.
    EnabledForWhoeverAsks = "enabled-for-whoever-asks" breaks "ENA-14";
    /// Says that the organisation is enabled for the tenant that asks, where any organisation is.
    EnabledIfAnybodyIs = "enabled-if-anybody-is" breaks "ENA-14";
    /// Looks whether the organisation is enabled, and enables it a moment later, whoever was enabled in between.
    RivalsEnabled = "rivals-enabled" breaks "ENA-15";
    /// Enables the organisation of the credentials where the one that the request names begins like it.
    LongerOrganisationAccepted = "longer-organisation-accepted" breaks "ENA-07";
    /// Enables the organisation of the credentials where the request names the beginning of it.
    ShorterOrganisationAccepted = "shorter-organisation-accepted" breaks "ENA-07";
    /// Enables the organisation of the credentials, whichever the request names.
    AnyOrganisationAccepted = "any-organisation-accepted" breaks "ENA-07";
    /// Enables the organisation that the request names, whosever the credentials are.
    NamedOrganisationEnabled = "named-organisation-enabled" breaks "CUS-08" "ENA-05" "ENA-07";
    /// Says that the organisation is disabled and does not remember it.
    ResetIgnored = "reset-ignored" breaks "ENA-08" "ENA-09";
    /// Disables the organisation and leaves its customers mapped for everybody to read.
    ResetLeavesCustomers = "reset-leaves-customers" breaks "ENA-09";
    /// Hides the customers' mappings of a disabled organisation, so that they come back when it is enabled again.
    ResetHidesCustomers = "reset-hides-customers" breaks "ENA-09";
    /// Checks the password everywhere but where the organisation is enabled.
    PasswordUncheckedAtEnable = "password-unchecked-at-enable" breaks "ENA-10";
    /// Looks at no secrets where the organisation was enabled for the same tenant before.
    EnabledAgainUnchecked = "enabled-again-unchecked" breaks "ENA-10";
    /// Lets anybody whom it does not know enable the organisation that the request names.
    UnknownUserEnables = "unknown-user-enables" breaks "ENA-10";
    /// Enables and disables organisations before it looks at the token.
    EnablementBeforeToken = "enablement-before-token" breaks "ENA-11";
    /// Enables and disables organisations before it looks whether the token is for its endpoint.
    EnablementBeforeScope = "enablement-before-scope" breaks "ENA-11";
    /// Enables and disables organisations before it compares the password.
    EnablementBeforeCredentials = "enablement-before-credentials" breaks "ENA-11";
    /// Refuses to enable an organisation that was disabled before.
    EnabledOnceOnly = "enabled-once-only" breaks "ENA-12";
    /// Enables an organisation that was disabled before for the tenant that it had, and for no other.
    FormerTenantOnly = "former-tenant-only" breaks "ENA-12";
    /// Disables every organisation when one is to be disabled.
    ResetDisablesEverybody = "reset-disables-everybody" breaks "ENA-13" "MAP-15";
    /// Disables every other organisation when one is enabled.
    EnableDisablesOthers = "enable-disables-others" breaks "ENA-13" "MAP-15";

    // TOP: topology.read.

    /// Does not serve `topology.read`.
    TopologyNotServed = "topology-not-served" breaks "TOP-01";
    /// Answers `topology.read` with null in place of the items.
    TopologyItemsNull = "topology-items-null" breaks "TOP-01";
    /// Leaves out the name of a customer.
    TopologyNameMissing = "topology-name-missing" breaks "TOP-02";
    /// Sends null as the name of a customer.
    TopologyNameNull = "topology-name-null" breaks "TOP-02";
    /// Adds a key of its own to the customers.
    TopologyExtraKey = "topology-extra-key" breaks "TOP-02";
    /// Lists a customer twice.
    TopologyDuplicate = "topology-duplicate" breaks "TOP-03";
    /// Sends paging without the number of all.
    PagingIncomplete = "paging-incomplete" breaks "TOP-04";
    /// Sends null as paging.
    PagingNull = "paging-null" breaks "TOP-04";
    /// Calls customers by other names at every request.
    TopologyUnstable = "topology-unstable" breaks "TOP-05";
    /// Lists the customers of the tenant that was enabled first to every tenant.
    TopologyOfFirstTenant = "topology-of-first-tenant" in MIRRORED_MAPPED breaks "TOP-06";
    /// Gives mapped customers the name of the tenant that they are mapped to.
    MappingRenames = "mapping-renames" breaks "TOP-07";
    /// Lists the first partner's customers to everybody.
    TopologyOfFirstPartner = "topology-of-first-partner" breaks "TOP-06";

    // MAP: tenant_mapping.read.

    /// Answers `tenant_mapping.read` without a payload.
    PayloadMissing = "payload-missing" breaks "MAP-01";
    /// Sends the items themselves as the payload.
    PayloadIsArray = "payload-is-array" breaks "MAP-01";
    /// Sends null in place of the items.
    ItemsNull = "items-null" breaks "MAP-01";
    /// Sends the items as an object with numbers for keys.
    ItemsObject = "items-object" breaks "MAP-01";
    /// Adds the number of items to the payload.
    PayloadExtraKey = "payload-extra-key" breaks "MAP-01";
    /// Lists an item whose vendor tenant id is a number.
    VendorIdNumber = "vendor-id-number" breaks "MAP-02";
    /// Lists an item whose vendor tenant id is empty.
    VendorIdEmpty = "vendor-id-empty" breaks "MAP-02" "MAP-05";
    /// Lists an item without a vendor tenant id.
    VendorIdMissing = "vendor-id-missing" breaks "MAP-02";
    /// Lists a mapped customer twice.
    MappingDuplicate = "mapping-duplicate" breaks "MAP-03";
    /// Sends null as the Acronis tenant id of an unmapped customer.
    AcronisIdNull = "acronis-id-null" breaks "MAP-04";
    /// Sends "" as the Acronis tenant id of an unmapped customer.
    AcronisIdEmpty = "acronis-id-empty" breaks "MAP-04";
    /// Sends Acronis tenant ids without their dashes.
    AcronisIdNoDashes = "acronis-id-no-dashes" breaks "MAP-04";
    /// Lists a customer that `topology.read` does not know.
    MappingUnknownCustomer = "mapping-unknown-customer" breaks "MAP-05";
    /// Lists mapped customers only.
    UnmappedLeftOut = "unmapped-left-out" breaks "MAP-06";
    /// Forgets a mapping in the answer that follows a `topology.read`.
    MappingUnstable = "mapping-unstable" breaks "MAP-07" "ROB-16";
    /// Lists the mapping of the tenant that was enabled first to every tenant.
    MappingOfFirstTenant = "mapping-of-first-tenant" in MIRRORED_MAPPED breaks "MAP-08";
    /// Lists the first partner's mapping to everybody.
    MappingOfFirstPartner = "mapping-of-first-partner" breaks "MAP-08";
    /// Says that customers are mapped and remembers nothing.
    MappingLost = "mapping-lost" breaks "MAP-09" "MAP-10";
    /// Answers before the mapping is stored, which takes a moment.
    StoredAfterAnswer = "stored-after-answer" breaks "MAP-09" "MAP-10";
    /// Does not remember a mapping that came with others of which one was removed.
    MixedListHalfRead = "mixed-list-half-read" breaks "MAP-12";
    /// Ignores entries without an Acronis tenant, which ask for a mapping to be removed.
    RemovalIgnored = "removal-ignored" breaks "MAP-10";
    /// Takes the list for the whole mapping, and removes all others.
    MappingReplaced = "mapping-replaced" breaks "MAP-11";
    /// Takes a list of several for the whole mapping, and removes all others.
    SeveralMappingsReplace = "several-mappings-replace" breaks "MAP-11";
    /// Removes every mapping when one is to be removed.
    RemovalRemovesAll = "removal-removes-all" breaks "MAP-11";
    /// Forgets everything with every fifth write, or the one behind it, as a process does that is started anew.
    StateLostAtFifthWrite = "state-lost-at-fifth-write" breaks "ENA-04" "ENA-08" "ENA-09" "MAP-09" "MAP-10" "MAP-11" "MAP-12" "MAP-15";
    /// Reads the first entry of the list only.
    FirstEntryOnly = "first-entry-only" breaks "MAP-12";
    /// Remembers the last entry of the list only.
    LastEntryOnly = "last-entry-only" breaks "MAP-12";
    /// Fails with status 500 when a list names a customer that nobody has.
    UnknownCustomer500 = "unknown-customer-500" breaks "ROB-20";
    /// Checks each entry against those before it, so that a tenant can move only if it is removed first.
    MoveInOrderOnly = "move-in-order-only" breaks "MAP-13";
    /// Removes mappings by the tenant that the customer had, whoever has it by now.
    RemovalByTenant = "removal-by-tenant" breaks "MAP-13";
    /// Applies the entries before the one for which it refuses the list.
    ListAppliedHalf = "list-applied-half" breaks "MAP-14";
    /// Applies the entries before one that it cannot read, and refuses the list.
    UnreadableListAppliedHalf = "unreadable-list-applied-half" breaks "MAP-14";
    /// Maps customers before it looks at the token.
    MappingBeforeToken = "mapping-before-token" breaks "MAP-14";
    /// Finds the customers to map among those of every partner.
    MappingOfAnyPartner = "mapping-of-any-partner" breaks "MAP-15";
    /// Removes the mappings of every partner when one is disabled.
    ResetUnmapsEverybody = "reset-unmaps-everybody" breaks "MAP-15";

    // PMI: partner.mirroring.*.

    /// Writes the state in lower case.
    StateLowerCase = "state-lower-case" in MIRRORED breaks "PMI-01";
    /// Says true or false in place of the state.
    StateBoolean = "state-boolean" in MIRRORED breaks "PMI-01";
    /// Answers with status 404 when it has never seen the tenant.
    NeverSeen404 = "never-seen-404" in MIRRORED breaks "PMI-02";
    /// Takes a tenant that it has never seen for an enabled one.
    NeverSeenEnabled = "never-seen-enabled" in MIRRORED breaks "CMI-02" "PMI-02";
    /// Leaves the state out when it has enabled a partner.
    EnableStateMissing = "enable-state-missing" in MIRRORED breaks "PMI-03";
    /// Names another Acronis tenant than the one that it has enabled.
    EnableWrongTenant = "enable-wrong-tenant" in MIRRORED breaks "PMI-03";
    /// Sends a number as the vendor tenant id of the partner that it has enabled.
    EnableVendorIdNumber = "enable-vendor-id-number" in MIRRORED breaks "PMI-03";
    /// Says that the partner is enabled and does not remember it.
    PartnerEnableLost = "partner-enable-lost" in MIRRORED breaks "PMI-04";
    /// Refuses to enable a partner that is enabled.
    PartnerEnableAgainRefused = "partner-enable-again-refused" in MIRRORED breaks "PMI-05";
    /// Refuses to enable a partner that it knows under another name.
    PartnerRenameRefused = "partner-rename-refused" in MIRRORED breaks "PMI-05";
    /// Fails with status 500 when a partner's name has letters beyond the basic plane.
    PartnerNameEmoji500 = "partner-name-emoji-500" in MIRRORED breaks "PMI-12";
    /// Refuses a partner whose name is longer than 100 letters.
    PartnerNameLongRefused = "partner-name-long-refused" in MIRRORED breaks "PMI-12";
    /// Disables a partner that is to be enabled twice.
    PartnerEnableToggles = "partner-enable-toggles" in MIRRORED breaks "PMI-05" "ROB-17" "ROB-18";
    /// Says that the partner is disabled and does not remember it.
    PartnerResetIgnored = "partner-reset-ignored" in MIRRORED breaks "PMI-06" "PMI-07";
    /// Leaves the customers of a disabled partner enabled, so that they come back when it is enabled again.
    PartnerResetHidesCustomers = "partner-reset-hides-customers" in MIRRORED breaks "PMI-07";
    /// Leaves the customers of a disabled partner enabled, and lists them.
    PartnerResetLeavesCustomers = "partner-reset-leaves-customers" in MIRRORED breaks "PMI-07";
    /// Disables every partner when one is to be disabled.
    PartnerResetDisablesEverybody = "partner-reset-disables-everybody" in MIRRORED breaks "PMI-08" "CMI-07";
    /// Takes a partner for enabled when any partner is.
    OneStateForAll = "one-state-for-all" in MIRRORED breaks "CMI-02" "PMI-02" "PMI-06" "PMI-08";
    /// Enables and disables partners before it looks at the token.
    PartnerBeforeToken = "partner-before-token" in MIRRORED breaks "PMI-09";
    /// Enables the partner before it finds out that it cannot read the payload.
    PartnerEnabledUnread = "partner-enabled-unread" in MIRRORED breaks "PMI-09";
    /// Refuses to enable a partner that was disabled before.
    PartnerEnabledOnceOnly = "partner-enabled-once-only" in MIRRORED breaks "PMI-10";
    /// Refuses to enable a partner without settings.
    PartnerSettingsRequired = "partner-settings-required" in MIRRORED breaks "PMI-04";
    /// Refuses to enable a partner with settings.
    PartnerSettingsRefused = "partner-settings-refused" in MIRRORED breaks "PMI-11";

    // CMI: customer.mirroring.*.

    /// Sends the customers as an object with items in place of an array.
    CustomersObject = "customers-object" in MIRRORED breaks "CMI-01";
    /// Sends null in place of an empty array of customers.
    NoCustomersNull = "no-customers-null" in MIRRORED breaks "CMI-01";
    /// Lists customers without their vendor tenant ids.
    CustomerVendorIdMissing = "customer-vendor-id-missing" in MIRRORED breaks "CMI-01";
    /// Says that customers are enabled and remembers nothing.
    CustomersLost = "customers-lost" in MIRRORED breaks "CMI-02";
    /// Ignores the list of customers to disable.
    CustomerDisableIgnored = "customer-disable-ignored" in MIRRORED breaks "CMI-03";
    /// Lists disabled customers, too, with a flag that says so.
    DisabledCustomersFlagged = "disabled-customers-flagged" in MIRRORED breaks "CMI-03" "PMI-07";
    /// Takes the lists for all customers there are, and disables all others.
    CustomersReplaced = "customers-replaced" in MIRRORED breaks "CMI-04";
    /// Takes a list of several for all customers there are, and disables all others.
    SeveralCustomersReplace = "several-customers-replace" in MIRRORED breaks "CMI-04";
    /// Stops at a customer to disable that it has never seen, and overlooks those behind it.
    StrangerEndsList = "stranger-ends-list" in MIRRORED breaks "CMI-05";
    /// Reads the first entry of each list only.
    FirstCustomerOnly = "first-customer-only" in MIRRORED breaks "CMI-05";
    /// Remembers the last entry of each list only.
    LastCustomerOnly = "last-customer-only" in MIRRORED breaks "CMI-05";
    /// Ignores the customers to disable where there are some to enable.
    SecondListIgnored = "second-list-ignored" in MIRRORED breaks "CMI-05";
    /// Lists a customer once for each time that it was enabled.
    CustomerDuplicated = "customer-duplicated" in MIRRORED breaks "CMI-06" "ROB-17" "ROB-18";
    /// Gives all customers the partner's own vendor tenant id.
    CustomersShareVendorId = "customers-share-vendor-id" in MIRRORED breaks "CMI-06";
    /// Lists every partner's customers to everybody.
    CustomersOfEverybody = "customers-of-everybody" in MIRRORED breaks "CMI-07";
    /// Disables the customers of every other partner when it enables some.
    CustomersOfOthersDisabled = "customers-of-others-disabled" in MIRRORED breaks "CMI-07";
    /// Looks for a customer to disable below every partner.
    AnybodysCustomerDisabled = "anybodys-customer-disabled" in MIRRORED breaks "CMI-07";
    /// Enables and disables customers before it looks at the token.
    CustomersBeforeToken = "customers-before-token" in MIRRORED breaks "CMI-08";
    /// Enables and disables the customers before one that it cannot read, and refuses the lists.
    UnreadableCustomersAppliedHalf = "unreadable-customers-applied-half" in MIRRORED breaks "CMI-08";
    /// Enables the customers of one list, and refuses both for one to disable that it has never seen.
    StrangerAppliedHalf = "stranger-applied-half" in MIRRORED breaks "CMI-08";
    /// Refuses to enable a customer without settings.
    CustomerSettingsRequired = "customer-settings-required" in MIRRORED breaks "CMI-02";
    /// Refuses to enable a customer with settings.
    CustomerSettingsRefused = "customer-settings-refused" in MIRRORED breaks "CMI-09";
    /// Shows the settings of one customer for all.
    CustomersShareSettings = "customers-share-settings" in MIRRORED breaks "CMI-09";
    /// Stores the settings of the first customer of a list for each of them.
    FirstSettingsForAll = "first-settings-for-all" in MIRRORED breaks "CMI-09";
    /// Stores an entry's settings for those behind it that have none.
    SettingsOfEntryBefore = "settings-of-entry-before" in MIRRORED breaks "CMI-09";
    /// Shows the settings of whichever partner sent some last for every partner.
    PartnersShareSettings = "partners-share-settings" in MIRRORED breaks "PMI-08";
    /// Numbers the customers of each answer from one, and tells that as their vendor tenant ids.
    CustomersNumbered = "customers-numbered" in MIRRORED breaks "CMI-04";
    /// Makes up a vendor tenant id for each customer of each answer.
    CustomerVendorIdFresh = "customer-vendor-id-fresh" in MIRRORED breaks "ROB-16";
    /// Reads the list of customers to enable only if it comes before the other.
    ListsInOrderOnly = "lists-in-order-only" in MIRRORED breaks "CMI-10";
    /// Lists fifty customers at most.
    CustomersCut = "customers-cut" in MIRRORED breaks "CMI-11";
    /// Fails with status 500 when the name of a customer has letters of four bytes.
    CustomerNameEmoji500 = "customer-name-emoji-500" in MIRRORED breaks "CMI-12";
    /// Fails with status 500 when the name of a customer has a quote.
    CustomerNameQuote500 = "customer-name-quote-500" in MIRRORED breaks "CMI-12";

    // CUS: the custom callback.

    /// Answers a quote with a coupon with status 202, which is not declared.
    QuoteStatus202 = "quote-status-202" breaks "CUS-01";
    /// Fails with status 500 when a quote is for as many seats as may be.
    QuoteMostSeats500 = "quote-most-seats-500" breaks "CUS-01" "CUS-05";
    /// Answers that a customer is not known with the type of a quote.
    QuoteUnknownTypedOk = "quote-unknown-typed-ok" breaks "CUS-02" "ERR-03";
    /// Answers that a customer is not known with an error answer in place of the declared response.
    QuoteUnknownUntyped = "quote-unknown-untyped" breaks "CUS-02";
    /// Tells the price as a text.
    QuoteAmountText = "quote-amount-text" breaks "CUS-03";
    /// Tells null in place of the lines of a quote without a coupon.
    QuoteLinesNull = "quote-lines-null" breaks "CUS-03";
    /// Answers that a customer is not known without the declared payload.
    QuoteUnknownWithoutPayload = "quote-unknown-without-payload" breaks "CUS-03";
    /// Looks for what is asked for in the wrong place, and so refuses every quote with a status that is not declared.
    QuoteRefused = "quote-refused" breaks "CUS-04" "CUS-06";
    /// Fails with status 500 when the number of seats is a text.
    QuoteSeatsText500 = "quote-seats-text-500" breaks "CUS-05";
    /// Crashes when a quote has no plan.
    QuotePlanMissingCrash = "quote-plan-missing-crash" breaks "CUS-05";
    /// Refuses a coupon with a status that is not declared.
    QuoteCouponRefused = "quote-coupon-refused" breaks "CUS-06";
    /// Refuses a quote that it has made before.
    QuoteOnce = "quote-once" breaks "CUS-07";
    /// Makes quotes whatever the token, which it checks for the predefined callbacks only.
    QuoteForAnybody = "quote-for-anybody" breaks "JWT-01" "JWT-02" "JWT-03" "JWT-04" "JWT-05" "JWT-06" "JWT-07" "JWT-08" "JWT-09" "JWT-10" "JWT-11" "JWT-12" "JWT-13" "JWT-14" "JWT-15" "JWT-16" "JWT-17";
    /// Fails with status 500 when the credentials that come with a quote, which needs none, cannot be read.
    QuoteCredentials500 = "quote-credentials-500" breaks "CRED-10";
    /// Refuses a quote that comes with the right credentials in another JSON text.
    QuoteCredentialsAsText = "quote-credentials-as-text" breaks "CRED-08";
    /// Makes quotes for tenants that nobody mapped.
    QuoteForAnyTenant = "quote-for-any-tenant" breaks "CUS-08";
    /// Makes quotes for tenants that were mapped once.
    QuoteOnceMapped = "quote-once-mapped" breaks "CUS-08";
    /// Fails with status 500 where no organisation is mapped.
    QuoteUnmapped500 = "quote-unmapped-500" breaks "CUS-08";

    // ROB: odd input, bursts, broken connections.

    /// Takes a body that is no JSON object for a `tenant_mapping.read`.
    NoObjectAccepted = "no-object-accepted" breaks "ROB-01";
    /// Fails with status 500 when the body is empty.
    EmptyBody500 = "empty-body-500" breaks "ROB-01";
    /// Crashes when the body is an array.
    ArrayBodyCrash = "array-body-crash" breaks "ROB-01";
    /// Fails with status 500 when the body is not JSON.
    BadJson500 = "bad-json-500" breaks "ROB-01" "ROB-05" "ROB-08" "ROB-10";
    /// Takes a request that names no callback for a `tenant_mapping.read`.
    CallbackDefaulted = "callback-defaulted" breaks "ROB-02";
    /// Crashes when there is no `context`.
    ContextMissingCrash = "context-missing-crash" breaks "ROB-02";
    /// Makes up a `request_id` where there is none.
    RequestIdInvented = "request-id-invented" breaks "ROB-03";
    /// Fails with status 500 when `request_id` is missing.
    RequestIdMissing500 = "request-id-missing-500" breaks "ROB-03";
    /// Fails with status 500 when `created_at` is missing.
    CreatedAtMissing500 = "created-at-missing-500" breaks "ROB-04";
    /// Crashes when `datacenter_url` is missing.
    DatacenterUrlMissingCrash = "datacenter-url-missing-crash" breaks "ROB-04";
    /// Crashes when the body begins with a byte order mark.
    BomCrash = "bom-crash" breaks "ROB-05";
    /// Fails with status 500 when a number is NaN.
    Nan500 = "nan-500" breaks "ROB-05" "ROB-08";
    /// Crashes when a text has half a surrogate pair.
    LoneSurrogateCrash = "lone-surrogate-crash" breaks "ROB-05" "ROB-08";
    /// Crashes when the body is deeply nested.
    DeepNestingCrash = "deep-nesting-crash" breaks "ROB-05";
    /// Hangs when the body is deeply nested.
    DeepNestingHang = "deep-nesting-hang" breaks "ROB-05";
    /// Fails with status 500 when the body is not UTF-8.
    BodyNotUtf8500 = "body-not-utf8-500" breaks "ROB-05" "ROB-10";
    /// Hangs when the body is larger than a million bytes.
    BigBodyHang = "big-body-hang" breaks "ROB-06";
    /// Fails with status 500 when the body is larger than a million bytes.
    BigBody500 = "big-body-500" breaks "ROB-06";
    /// Fails with status 500 when there is no Content-Type.
    ContentTypeMissing500 = "content-type-missing-500" breaks "ROB-07";
    /// Fails with status 500 when the Content-Type is another one.
    WrongContentType500 = "wrong-content-type-500" breaks "ROB-07" "ROB-09";
    /// Fails with status 500 when a text has a quotation mark as in an SQL injection.
    SqlQuote500 = "sql-quote-500" breaks "ROB-08";
    /// Crashes when a text is `__proto__` or `constructor`.
    ProtoCrash = "proto-crash" breaks "ROB-08";
    /// Fails with status 500 when a text contains a NUL.
    Nul500 = "nul-500" breaks "ROB-05" "ROB-08";
    /// Hangs when a text is very long.
    LongTextHang = "long-text-hang" breaks "ROB-08";
    /// Fails with status 500 when the Content-Type is not ASCII.
    ContentTypeNotAscii500 = "content-type-not-ascii-500" breaks "ROB-09";
    /// Fails with status 500 when the Content-Type is very long.
    LongContentType500 = "long-content-type-500" breaks "ROB-09";
    /// Crashes when the Content-Type contains `${`.
    ContentTypeTemplateCrash = "content-type-template-crash" breaks "ROB-09";
    /// Answers nothing but 503 for a while after a body that is an array.
    PoisonedByArray = "poisoned-by-array" breaks "ROB-11";
    /// Answers nothing but 503 for a while after a deeply nested body.
    PoisonedByNesting = "poisoned-by-nesting" breaks "ROB-11";
    /// Fails with status 503 where more than four requests are under way that differ in their ids only.
    Burst503 = "burst-503" breaks "ROB-12";
    /// Fails with status 500 every fiftieth time, whatever the request.
    EveryFiftieth500 = "every-fiftieth-500" breaks "ROB-23" "ROB-24";
    /// Refuses a request that is the same as the one before.
    DuplicateRefused = "duplicate-refused" breaks "ROB-13" "ROB-25" "CUS-07";
    /// Answers a request that it has served before without its items.
    DuplicateEmpty = "duplicate-empty" breaks "ROB-13";
    /// Fails with status 500 on malformed HTTP.
    BadFraming500 = "bad-framing-500" breaks "ROB-14";
    /// Hangs on malformed HTTP.
    BadFramingHang = "bad-framing-hang" breaks "ROB-14";
    /// Answers nothing but 503 for a while after a client went away in mid-request.
    StuckAfterClientLeft = "stuck-after-client-left" breaks "ROB-11" "ROB-15";
    /// Removes a mapping when the customers are read.
    ReadUnmaps = "read-unmaps" breaks "MAP-07" "ROB-16";
    /// Enables a partner when it is asked for the state.
    ReadEnables = "read-enables" in MIRRORED breaks "PMI-02" "ROB-16";
    /// Adds a row for a mapping each time that it is made, and lists all of them.
    MappingListedTwice = "mapping-listed-twice" breaks "MAP-03" "ROB-17" "TOP-03";
    /// Removes the Acronis tenant of an organisation that it has told once.
    ReadForgets = "read-forgets" breaks "ENA-03" "ROB-16";
    /// Disables a customer when the customers are read.
    ReadDisablesCustomer = "read-disables-customer" in MIRRORED breaks "ROB-16";
    /// Removes a mapping that is to be made twice.
    MappingToggles = "mapping-toggles" breaks "ROB-17" "ROB-18";
    /// Fails with status 500 when a write is delivered twice.
    DuplicateWrite500 = "duplicate-write-500" breaks "ROB-17" "ROB-18";
    /// Refuses to map a customer to the tenant that it is mapped to.
    MappingAgainRefused = "mapping-again-refused" breaks "ROB-25";
    /// Refuses to remove a mapping that is not there.
    RemovalAgainRefused = "removal-again-refused" breaks "ROB-25";
    /// Refuses to disable an organisation that is not enabled.
    ResetAgainRefused = "reset-again-refused" breaks "ROB-25";
    /// Refuses to disable a partner that is not enabled.
    PartnerResetAgainRefused = "partner-reset-again-refused" in MIRRORED breaks "ROB-25";
    /// Refuses to enable a customer that is enabled.
    CustomerEnabledAgainRefused = "customer-enabled-again-refused" in MIRRORED breaks "ROB-25";
    /// Refuses to disable a customer that is not enabled.
    CustomerDisabledAgainRefused = "customer-disabled-again-refused" in MIRRORED breaks "ROB-25";
    /// Fails with status 500 when two enable a customer at the same time that it has never seen.
    FreshAtOnce500 = "fresh-at-once-500" in MIRRORED breaks "ROB-18";
    /// Forgets customers that it has never seen before where others like them are enabled at the same time.
    FreshCustomersLost = "fresh-customers-lost" in MIRRORED breaks "ROB-19";
    /// Fails with status 500 when two write at the same time.
    TwoAtOnce500 = "two-at-once-500" breaks "ENA-15" "ROB-18" "ROB-19";
    /// Enables a customer twice when the request comes twice at the same time.
    TwoAtOnceDuplicated = "two-at-once-duplicated" in MIRRORED breaks "CMI-06" "ROB-18";
    /// Writes everything back that it read a moment ago, whatever others wrote in between.
    LostUpdate = "lost-update" breaks "ENA-15" "ROB-19";
    /// Writes every customer back that it read a moment ago, whatever others wrote in between.
    LostCustomers = "lost-customers" in MIRRORED breaks "ROB-19";
    /// Keeps what is read while a write is under way for 400 ms, or until the next write begins.
    ReadKeptBesideWrite = "read-kept-beside-write" breaks "ROB-19";
    /// Writes back what it read of other partners a moment before, whatever they wrote in between.
    OtherPartnersLost = "other-partners-lost" breaks "ROB-19";
    /// Fails with status 500 when a write has no payload.
    WritePayloadMissing500 = "write-payload-missing-500" breaks "ROB-21";
    /// Fails with status 500 when the list of customers to map is no list.
    ListNotAList500 = "list-not-a-list-500" breaks "ROB-21";
    /// Crashes when an entry of the list of customers to map is no object.
    EntryNoObjectCrash = "entry-no-object-crash" breaks "ROB-21";
    /// Fails with status 500 when the list of customers to enable is no list.
    CustomersNotAList500 = "customers-not-a-list-500" in MIRRORED breaks "ROB-21";
    /// Makes a text of null, and takes it for the tenant to which a customer is mapped.
    NullTenantStored = "null-tenant-stored" breaks "ROB-22";
}
