//! Content codings of answers that pass: the gateway may ask for them, and what is judged is what they stand for.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};

use crate::gateway::Answer;

/// Decoded bodies that are larger are not looked at, in bytes.
const MOST: u64 = 8 * 1024 * 1024;
const FIELD: &str = "content-encoding";

/// The answer without its content codings (RFC 9110, section 8.4.1); `None` where it has none.
///
/// # Errors
/// Says why the body cannot be read.
pub(super) fn decoded(answer: &Answer) -> Result<Option<Answer>, String> {
    let fields = answer.headers.iter();
    let listed: Vec<String> = fields
        .filter(|(name, _)| name.eq_ignore_ascii_case(FIELD))
        .flat_map(|(_, value)| {
            let value = String::from_utf8_lossy(value).to_ascii_lowercase();
            let codings = value.split(',').map(|coding| coding.trim().to_owned());
            codings.collect::<Vec<_>>()
        })
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    if listed.is_empty() {
        return Ok(None);
    }
    let mut body = answer.body.clone();
    // They are listed in the order in which they were applied.
    for coding in listed.iter().rev() {
        body = remove(coding, &body)?;
    }
    let mut plain = answer.clone();
    (plain.headers).retain(|(name, _)| !name.eq_ignore_ascii_case(FIELD));
    plain.body = body;
    Ok(Some(plain))
}

fn remove(coding: &str, body: &[u8]) -> Result<Bytes, String> {
    // An answer to HEAD, say.
    if body.is_empty() {
        return Ok(Bytes::new());
    }
    let mut plain = Vec::new();
    let read = match coding {
        "gzip" | "x-gzip" => (MultiGzDecoder::new(body).take(MOST + 1)).read_to_end(&mut plain),
        "deflate" => (ZlibDecoder::new(body).take(MOST + 1)).read_to_end(&mut plain),
        _ => {
            return Err(format!(
                "the body is coded ({coding}), which the proxy does not decode"
            ));
        }
    };
    match read {
        Err(error) => Err(format!(
            "the body is said to be coded ({coding}), but cannot be decoded: {error}"
        )),
        Ok(_) if plain.len() as u64 > MOST => {
            Err("the decoded body is larger than what the proxy looks at".to_owned())
        }
        Ok(_) => Ok(plain.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn answer(codings: &[&str], body: Vec<u8>) -> Answer {
        let fields = codings.iter().map(|coding| ("Content-Encoding", *coding));
        let fields = fields.chain([("Content-Type", "application/json")]);
        Answer {
            status: 200,
            reason: String::new(),
            version: "HTTP/1.1".to_owned(),
            headers: fields
                .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
                .collect(),
            body: body.into(),
        }
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).expect("memory");
        encoder.finish().expect("memory")
    }

    fn deflate(body: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn codings_are_removed_in_order() {
        for (codings, body) in [
            (&["gzip"][..], gzip(b"{}")),
            (&["X-GZip"], gzip(b"{}")),
            (&["deflate"], deflate(b"{}")),
            (&["identity, deflate , GZIP"], gzip(&deflate(b"{}"))),
            (&["deflate", "gzip"], gzip(&deflate(b"{}"))),
            (&["gzip"], [gzip(b"{"), gzip(b"}")].concat()),
        ] {
            let plain = decoded(&answer(codings, body)).expect("readable");
            let plain = plain.expect("it was coded");
            assert_eq!(plain.body, "{}", "{codings:?}");
            assert_eq!(plain.header(FIELD), None);
            assert_eq!(
                plain.header("content-type").as_deref(),
                Some("application/json")
            );
        }
        let empty = decoded(&answer(&["gzip"], Vec::new())).expect("readable");
        assert_eq!(empty.expect("it was coded").body, "");
        for plain in [&[][..], &["identity"], &[""]] {
            assert_eq!(decoded(&answer(plain, b"{}".to_vec())), Ok(None));
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_to_be_so() {
        let whole = gzip(b"{\"items\":[]}");
        for (coding, body, why) in [
            (
                "br",
                b"{}".to_vec(),
                "(br), which the proxy does not decode",
            ),
            ("gzip", b"{}".to_vec(), "(gzip), but cannot be decoded"),
            (
                "gzip",
                whole[..whole.len() - 3].to_vec(),
                "(gzip), but cannot be decoded",
            ),
            ("deflate", gzip(b"{}"), "(deflate), but cannot be decoded"),
            ("gzip", gzip(&vec![b' '; MOST as usize + 1]), "larger than"),
        ] {
            let error = decoded(&answer(&[coding], body)).expect_err(coding);
            assert!(error.contains(why), "{coding}: {error}");
        }
    }
}
