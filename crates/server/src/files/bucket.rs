//! The bucket for the bytes of files, and the access to it. The URL is a setting; address and keys are in the
//! environment, under the names of AWS, so that no secret is in a file or on a command line.

use std::{
    env,
    fmt::{self, Debug, Display, Formatter},
    str::FromStr,
};

use hyper::Uri;
use object_store::path::Path as Key;

use crate::model::BucketFault;

const SCHEME: &str = "s3://";
/// The region in signatures for an S3 server without regions.
const ANY_REGION: &str = "us-east-1";

/// A bucket of a store that speaks S3.
#[derive(Clone, Debug)]
pub struct FileBucket {
    pub url: BucketUrl,
    pub access: BucketAccess,
}

/// `s3://BUCKET/PREFIX`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketUrl {
    pub(super) bucket: String,
    /// Without slashes around it; may be empty.
    pub(super) prefix: Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected s3://BUCKET or s3://BUCKET/PREFIX")]
pub struct InvalidBucketUrl;

/// The access to a bucket, as the environment gives it, unchecked.
#[derive(Clone, Default)]
pub struct BucketAccess {
    /// `https://HOST:PORT`, or `http://` within a closed network. `None`: Amazon's, in the region.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    pub key_id: Option<String>,
    pub secret: Option<String>,
    /// Set with temporary keys.
    pub session_token: Option<String>,
}

impl BucketAccess {
    /// `AWS_ENDPOINT_URL` (or `_S3`), `AWS_REGION` (or `AWS_DEFAULT_REGION`), `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
    pub fn from_environment() -> Self {
        let value = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            endpoint: value("AWS_ENDPOINT_URL_S3").or_else(|| value("AWS_ENDPOINT_URL")),
            region: value("AWS_REGION").or_else(|| value("AWS_DEFAULT_REGION")),
            key_id: value("AWS_ACCESS_KEY_ID"),
            secret: value("AWS_SECRET_ACCESS_KEY"),
            session_token: value("AWS_SESSION_TOKEN"),
        }
    }

    /// The address, and the region of signatures.
    pub(super) fn endpoint(&self) -> Result<(String, String), BucketFault> {
        let is_plain = |region: &&String| region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let region = match &self.region {
            Some(region) => Some(Some(region).filter(is_plain).ok_or(BucketFault::Invalid("AWS_REGION"))?.clone()),
            None => None,
        };
        match (&self.endpoint, region) {
            (Some(endpoint), region) if is_endpoint(endpoint) => {
                Ok((endpoint.trim_end_matches('/').to_owned(), region.unwrap_or_else(|| ANY_REGION.to_owned())))
            }
            (Some(_), _) => Err(BucketFault::Invalid("AWS_ENDPOINT_URL")),
            (None, Some(region)) => Ok((format!("https://s3.{region}.amazonaws.com"), region)),
            (None, None) => Err(BucketFault::Unset("AWS_ENDPOINT_URL")),
        }
    }

    /// The access key's id and its secret.
    pub(super) fn keys(&self) -> Result<(&str, &str), BucketFault> {
        let id = self.key_id.as_deref().ok_or(BucketFault::Unset("AWS_ACCESS_KEY_ID"))?;
        let secret = self.secret.as_deref().ok_or(BucketFault::Unset("AWS_SECRET_ACCESS_KEY"))?;
        Ok((id, secret))
    }
}

impl Debug for BucketAccess {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("BucketAccess").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

fn is_endpoint(text: &str) -> bool {
    text.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some() && uri.query().is_none()
    })
}

impl FromStr for BucketUrl {
    type Err = InvalidBucketUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBucketUrl> {
        let rest = text.strip_prefix(SCHEME).ok_or(InvalidBucketUrl)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        if bucket.is_empty() || !bucket.chars().all(is_allowed) {
            return Err(InvalidBucketUrl);
        }
        let prefix = Key::parse(prefix.trim_matches('/')).map_err(|_| InvalidBucketUrl)?;
        Ok(Self { bucket: bucket.to_owned(), prefix })
    }
}

impl Display for BucketUrl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.bucket)?;
        if self.prefix.as_ref().is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_by_its_url() {
        for (text, shown) in
            [("s3://chat", "s3://chat"), ("s3://chat/", "s3://chat"), ("s3://my.chat-1/a/b/", "s3://my.chat-1/a/b")]
        {
            assert_eq!(text.parse::<BucketUrl>().unwrap().to_string(), shown);
        }
        for text in ["", "chat", "s3:chat", "s3://", "s3:///a", "s3://Chat", "https://chat", "s3://a b", "s3://a/../b"]
        {
            assert!(text.parse::<BucketUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_in_the_environment_is_named() {
        let access = |endpoint: &str, region: &str| BucketAccess {
            endpoint: Some(endpoint.to_owned()).filter(|text| !text.is_empty()),
            region: Some(region.to_owned()).filter(|text| !text.is_empty()),
            ..BucketAccess::default()
        };
        let endpoint_of = |endpoint, region| access(endpoint, region).endpoint();
        let both = |endpoint: &str, region: &str| Ok((endpoint.to_owned(), region.to_owned()));
        assert_eq!(endpoint_of("http://10.0.0.5:9000/", ""), both("http://10.0.0.5:9000", "us-east-1"));
        assert_eq!(endpoint_of("https://s3.example.org", "kr-1"), both("https://s3.example.org", "kr-1"));
        assert_eq!(
            endpoint_of("", "ap-northeast-2"),
            both("https://s3.ap-northeast-2.amazonaws.com", "ap-northeast-2")
        );
        assert_eq!(endpoint_of("", ""), Err(BucketFault::Unset("AWS_ENDPOINT_URL")));
        for endpoint in ["minio:9000", "10.0.0.5:9000", "ftp://a", "http://", "http://a b", "/", "https://a?b=c"] {
            assert_eq!(endpoint_of(endpoint, ""), Err(BucketFault::Invalid("AWS_ENDPOINT_URL")), "{endpoint}");
        }
        assert_eq!(endpoint_of("http://a", "kr 1/"), Err(BucketFault::Invalid("AWS_REGION")));
        let mut access = access("http://a", "");
        assert_eq!(access.keys(), Err(BucketFault::Unset("AWS_ACCESS_KEY_ID")));
        access.key_id = Some("id".into());
        assert_eq!(access.keys(), Err(BucketFault::Unset("AWS_SECRET_ACCESS_KEY")));
        access.secret = Some("a secret".into());
        assert_eq!(access.keys(), Ok(("id", "a secret")));
        assert!(!format!("{access:?}").contains("a secret"));
    }
}
