//! Signing keys: RSA, made here or read from PEM, with everything that a JWKS says of them.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;

use super::{der, pem};
use crate::protocol::token::Jwk;

/// An RSA key that signs tokens (RS256). Cloning is cheap.
#[derive(Clone)]
pub struct SigningKey {
    inner: Arc<Inner>,
}

struct Inner {
    pair: KeyPair,
    random: SystemRandom,
    pkcs8: Vec<u8>,
    jwk: Jwk,
}

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text has no PEM block.
    #[error("not PEM: there is no line -----BEGIN …-----; an RSA private key in PEM is needed")]
    NotPem,
    /// The PEM block cannot be decoded.
    #[error("the PEM block {label:?} is damaged: {reason}")]
    Damaged {
        /// For example `PRIVATE KEY`.
        label: String,
        /// What the decoder says.
        reason: String,
    },
    /// PEM, but no private key.
    #[error("there is no private key, but {0:?}; an RSA private key in PEM is needed")]
    NotPrivate(String),
    /// A private key of another kind.
    #[error(
        "not an RSA key, but {0}; the tokens are signed RS256, so an RSA private key is needed"
    )]
    NotRsa(String),
    /// The key is encrypted.
    #[error("the key is encrypted; decrypt it first: openssl pkey -in FILE -out PLAIN.pem")]
    Encrypted,
    /// Fewer bits than RS256 permits.
    #[error("the key is too small: RS256 needs 2048 bits or more (RFC 7518, section 3.3)")]
    TooSmall,
    /// More bits than are supported.
    #[error("the key is too large: at most 4096 bits are supported")]
    TooLarge,
    /// An RSA private key that does not fit together.
    #[error("the RSA key is not usable: {0}")]
    Unusable(String),
    /// No key could be made.
    #[error("no key could be made: {0}")]
    Generate(String),
    /// A file could not be read or written.
    #[error("cannot {action} the signing key {path}: {source}")]
    File {
        /// `read` or `write`.
        action: &'static str,
        /// Which file.
        path: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A file is no usable key.
    #[error("the signing key {path}: {source}")]
    InFile {
        /// Which file.
        path: String,
        /// What is wrong with it.
        source: Box<KeyError>,
    },
}

impl SigningKey {
    /// Makes a fresh RSA key of 2048 bits. Takes a tenth of a second, and much longer without optimisation.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    #[cfg(feature = "mock-idp")]
    pub fn generate() -> Result<Self, KeyError> {
        use rsa::pkcs8::EncodePrivateKey;

        let failed = |reason: String| KeyError::Generate(reason);
        let key = rsa::PrivateKey::new(&mut getrandom::SysRng, 2048)
            .map_err(|error| failed(error.to_string()))?;
        let der = key
            .to_pkcs8_der()
            .map_err(|error| failed(error.to_string()))?;
        Self::from_pkcs8(der.as_bytes().to_vec())
    }

    /// Reads the key from a PEM file, or makes one and writes it there if there is no such file. On Unix only the owner
    /// may read the new file.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is no usable key; the error names the file.
    #[cfg(feature = "mock-idp")]
    pub fn load_or_create(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        use std::io::ErrorKind;

        let path = path.as_ref();
        let file_error = |action: &'static str| {
            move |source| KeyError::File {
                action,
                path: path.display().to_string(),
                source,
            }
        };
        match Self::load(path) {
            Err(KeyError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            result => return result,
        }
        let key = Self::generate()?;
        match key.write(path) {
            Ok(()) => Ok(key),
            // Another run made it in the meantime: both must sign with the same key.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Self::load(path),
            Err(error) => Err(file_error("write")(error)),
        }
    }

    /// Writes the key as PEM in place of whatever the file holds, whole or not at all: another run may be reading it. On Unix
    /// only the owner may read it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> std::io::Result<()> {
        let path = path.as_ref();
        let begun = path.with_extension(std::process::id().to_string());
        let written = self
            .write(&begun)
            .and_then(|()| std::fs::rename(&begun, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&begun);
        }
        written
    }

    /// Writes a new file that only its owner may read.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(self.to_pem().as_bytes())
    }

    /// Reads the key from a PEM file.
    ///
    /// # Errors
    /// When the file cannot be read or is no usable key; the error names the file.
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| KeyError::File {
            action: "read",
            path: path.display().to_string(),
            source,
        })?;
        Self::from_pem(&String::from_utf8_lossy(&bytes)).map_err(|source| KeyError::InFile {
            path: path.display().to_string(),
            source: Box::new(source),
        })
    }

    /// Reads an RSA private key of 2048 to 4096 bits from PEM: `PRIVATE KEY` (PKCS#8) or `RSA PRIVATE KEY` (PKCS#1).
    /// Other blocks before it, certificates say, are passed over.
    ///
    /// # Errors
    /// Says what is wrong with the text; the error never quotes the key.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let blocks = pem::blocks(text);
        let Some(first) = blocks.first() else {
            return Err(KeyError::NotPem);
        };
        let not_private = first.label.to_owned();
        let block = blocks
            .into_iter()
            .find(|block| block.label.ends_with("PRIVATE KEY"))
            .ok_or(KeyError::NotPrivate(not_private))?;
        if block.encrypted || block.label.starts_with("ENCRYPTED") {
            return Err(KeyError::Encrypted);
        }
        let bytes = block.bytes.map_err(|reason| KeyError::Damaged {
            label: block.label.to_owned(),
            reason,
        });
        match block.label {
            "PRIVATE KEY" => Self::from_pkcs8(bytes?),
            "RSA PRIVATE KEY" => Self::from_pkcs8(der::pkcs8_from_pkcs1(&bytes?)),
            "OPENSSH PRIVATE KEY" => Err(KeyError::NotRsa(
                "a key in OpenSSH's own format (convert: ssh-keygen -p -m PKCS8 -f FILE)"
                    .to_owned(),
            )),
            other => Err(KeyError::NotRsa(format!("{other:?}"))),
        }
    }

    fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, KeyError> {
        if let Some(algorithm) = der::pkcs8_other_algorithm(&pkcs8) {
            return Err(KeyError::NotRsa(algorithm.to_owned()));
        }
        let pair =
            KeyPair::from_pkcs8(&pkcs8).map_err(|error| match error.to_string().as_str() {
                "TooSmall" => KeyError::TooSmall,
                "TooLarge" => KeyError::TooLarge,
                reason => KeyError::Unusable(reason.to_owned()),
            })?;
        let (n, e) = der::public_numbers(pair.public().as_ref())
            .ok_or_else(|| KeyError::Unusable("no public key".to_owned()))?;
        let (n, e) = (URL_SAFE_NO_PAD.encode(n), URL_SAFE_NO_PAD.encode(e));
        let jwk = Jwk {
            kty: "RSA".to_owned(),
            kid: thumbprint(&n, &e),
            key_use: Some("sig".to_owned()),
            alg: Some("RS256".to_owned()),
            n,
            e,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                pair,
                random: SystemRandom::new(),
                pkcs8,
                jwk,
            }),
        })
    }

    /// The key as PEM (`PRIVATE KEY`, PKCS#8).
    pub fn to_pem(&self) -> String {
        pem::encode("PRIVATE KEY", &self.inner.pkcs8)
    }

    /// The public key as PEM (`PUBLIC KEY`, SubjectPublicKeyInfo).
    pub fn public_pem(&self) -> String {
        let spki = der::spki_from_pkcs1(self.inner.pair.public().as_ref());
        pem::encode("PUBLIC KEY", &spki)
    }

    /// Names the key: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.inner.jwk.kid
    }

    /// The public key as a JWKS lists it.
    pub fn jwk(&self) -> Jwk {
        self.inner.jwk.clone()
    }

    /// The signature of a message: RSASSA-PKCS1-v1_5 with SHA-256.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let inner = &*self.inner;
        let mut signature = vec![0; inner.pair.public().modulus_len()];
        inner
            .pair
            .sign(&RSA_PKCS1_SHA256, &inner.random, message, &mut signature)
            .expect("a key that was accepted signs into a buffer of its own length");
        signature
    }
}

/// RFC 7638: a digest of the required members in alphabetical order, without white space.
fn thumbprint(n: &str, e: &str) -> String {
    let members = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, members.as_bytes()))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "mock-idp"))]
mod tests {
    use std::sync::LazyLock;

    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
    use rsa::pkcs8::EncodePrivateKey;

    use super::*;

    static KEY: LazyLock<SigningKey> =
        LazyLock::new(|| SigningKey::generate().expect("random numbers"));

    #[test]
    fn a_signature_verifies_with_what_the_jwk_says() {
        let jwk = KEY.jwk();
        let public = RsaPublicKeyComponents {
            n: URL_SAFE_NO_PAD.decode(&jwk.n).expect("base64url"),
            e: URL_SAFE_NO_PAD.decode(&jwk.e).expect("base64url"),
        };
        assert_eq!((public.n.len(), &public.e[..]), (256, &[1, 0, 1][..]));
        let verify = |message: &[u8], signature: &[u8]| {
            public.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        };
        let signature = KEY.sign(b"message");
        assert!(verify(b"message", &signature).is_ok());
        assert!(verify(b"massage", &signature).is_err());
        assert_eq!((jwk.kty.as_str(), jwk.kid.as_str()), ("RSA", KEY.kid()));
        assert_eq!(jwk.key_use.as_deref(), Some("sig"));
        assert_eq!(jwk.alg.as_deref(), Some("RS256"));
    }

    #[test]
    fn the_public_pem_is_the_same_key() {
        let pem = KEY.public_pem();
        let block = pem::blocks(&pem).remove(0);
        assert_eq!(block.label, "PUBLIC KEY");
        // RFC 8017 within RFC 5280: 24 bytes of wrapping for a key of 2048 bits.
        let spki = block.bytes.expect("base64");
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki[24..]);
        assert!(public.verify(b"message", &KEY.sign(b"message")).is_ok());
    }

    /// The example of RFC 7638, section 3.1.
    #[test]
    fn the_kid_is_the_thumbprint() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi\
                 FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9\
                 c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1j\
                 F44-csFCur-kEgU8awapJzKnqDKgw";
        assert_eq!(
            thumbprint(n, "AQAB"),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }

    #[test]
    fn pem_is_read_back() {
        let pem = KEY.to_pem();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert!(pem.lines().all(|line| line.len() <= 64));
        let again = SigningKey::from_pem(&pem).expect("the same key");
        assert_eq!(again.kid(), KEY.kid());
        let windows = format!("Bag Attributes\r\n{}", pem.replace('\n', "\r\n"));
        let again = SigningKey::from_pem(&windows).expect("the same key");
        assert_eq!(again.to_pem(), pem);
        // PKCS#1 is what PKCS#8 wraps in 26 bytes, for a key of 2048 bits.
        let pkcs1 = pem::encode("RSA PRIVATE KEY", &KEY.inner.pkcs8[26..]);
        let again = SigningKey::from_pem(&pkcs1).expect("the same key");
        assert_eq!(again.to_pem(), pem);
        let behind_a_certificate = format!("{}{pkcs1}", pem::encode("CERTIFICATE", b"x"));
        assert!(SigningKey::from_pem(&behind_a_certificate).is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_pem_is_told() {
        let small = rsa::PrivateKey::new(&mut getrandom::SysRng, 1024).expect("a small key");
        let small = small.to_pkcs8_der().expect("DER");
        let small = pem::encode("PRIVATE KEY", small.as_bytes());
        let curve = rcgen::KeyPair::generate().expect("a key").serialize_pem();
        let good = KEY.to_pem();
        let cut = good.replace("-----END PRIVATE KEY-----", "");
        let damaged = good.replacen("\nMII", "\nM!I", 1);
        let truncated = pem::encode("PRIVATE KEY", &KEY.inner.pkcs8[..200]);
        let old_encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n\
                             -----END RSA PRIVATE KEY-----\n"
            .to_owned();
        let cases = [
            (String::new(), "not PEM"),
            ("MIIE".to_owned(), "not PEM"),
            (KEY.public_pem(), "no private key, but \"PUBLIC KEY\""),
            (pem::encode("ENCRYPTED PRIVATE KEY", b"x"), "encrypted"),
            (old_encrypted, "encrypted"),
            (curve, "an elliptic curve key"),
            (pem::encode("EC PRIVATE KEY", b"x"), "\"EC PRIVATE KEY\""),
            (pem::encode("OPENSSH PRIVATE KEY", b"x"), "ssh-keygen"),
            (small, "too small"),
            (cut, "-----END PRIVATE KEY----- is missing"),
            (damaged, "is damaged"),
            (truncated, "not usable"),
            (pem::encode("RSA PRIVATE KEY", b"x"), "not usable"),
            (pem::encode("PRIVATE KEY", b""), "not usable"),
        ];
        for (text, told) in cases {
            let error = SigningKey::from_pem(&text).expect_err("no key").to_string();
            assert!(error.contains(told), "{error:?} does not say {told:?}");
        }
    }

    #[test]
    fn a_file_is_made_once_and_read_afterwards() {
        let folder = std::env::temp_dir().join(format!("acgw-key-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).expect("a folder");
        let path = folder.join("key.pem");
        let made = SigningKey::load_or_create(&path).expect("a key");
        let read = SigningKey::load_or_create(&path).expect("the same key");
        assert_eq!(made.kid(), read.kid());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("a file").permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "no key").expect("written");
        let error = SigningKey::load_or_create(&path).expect_err("no key");
        assert!(error.to_string().contains("key.pem: not PEM"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "no key");
        let error = SigningKey::load_or_create(folder.join("no/such.pem")).expect_err("no folder");
        assert!(error.to_string().starts_with("cannot write"), "{error}");
        // Unless it is to be replaced, with nothing left beside it.
        made.save(&path).expect("written");
        assert_eq!(SigningKey::load(&path).expect("a key").kid(), made.kid());
        assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1);
        made.save(folder.join("no/such.pem"))
            .expect_err("no folder");
        let error = SigningKey::load(folder.join("other.pem")).expect_err("no file");
        assert!(error.to_string().starts_with("cannot read"), "{error}");
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
