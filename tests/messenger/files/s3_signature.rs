//! Verifies the signature of a request to S3 (AWS Signature Version 4), written from the specification alone.

use axum::http::{HeaderMap, Method, Uri};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::files::s3_server::{KEY_ID, REGION, SECRET};

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// RFC 2104.
fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut block = if key.len() > BLOCK { sha256(key) } else { key.to_vec() };
    block.resize(BLOCK, 0);
    let padded = |pad: u8| block.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = sha256(&[&padded(0x36)[..], text.as_bytes()].concat());
    sha256(&[padded(0x5c), inner].concat())
}

/// The value of one part of `Authorization`, such as `Signature`.
fn part<'a>(authorization: &'a str, name: &str) -> Option<&'a str> {
    let parts = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?.split(',');
    parts.map(str::trim).find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

/// Whether the sender knows the secret. The hash of the body is one of the signed headers.
pub(super) fn is_signed(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let checked = || {
        let (authorization, time) = (text("authorization")?, text("x-amz-date")?);
        let (day, names) = (time.get(..8)?, part(authorization, "SignedHeaders")?);
        let scope = format!("{day}/{REGION}/s3/aws4_request");
        let signs = |name| names.split(';').any(|signed| signed == name);
        if part(authorization, "Credential")? != format!("{KEY_ID}/{scope}") || !signs("x-amz-content-sha256") {
            return None;
        }
        let mut query: Vec<String> = uri.query().unwrap_or_default().split('&').map(with_equals).collect();
        query.sort();
        let mut request = format!("{method}\n{}\n{}\n", uri.path(), query.join("&"));
        for name in names.split(';') {
            request += &format!("{name}:{}\n", text(name)?.trim());
        }
        request += &format!("\n{names}\n{}", text("x-amz-content-sha256")?);
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", HEXLOWER.encode(&sha256(request.as_bytes())));
        let start = hmac(format!("AWS4{SECRET}").as_bytes(), day);
        let key = [REGION, "s3", "aws4_request"].iter().fold(start, |key, step| hmac(&key, step));
        Some(part(authorization, "Signature")? == HEXLOWER.encode(&hmac(&key, &to_sign)))
    };
    checked().unwrap_or(false)
}

fn with_equals(pair: &str) -> String {
    if pair.is_empty() || pair.contains('=') { pair.to_owned() } else { format!("{pair}=") }
}

#[test]
fn a_signature_is_that_of_the_public_examples() {
    // RFC 4231, test case 2.
    let sum = HEXLOWER.encode(&hmac(b"Jefe", "what do ya want for nothing?"));
    assert_eq!(sum, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
