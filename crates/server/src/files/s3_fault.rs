//! Maps errors of an S3 store to causes that an operator can act on.

use std::error::Error as StdError;

use object_store::{Error, client::HttpError};

use crate::model::BucketFault;

/// Why a bucket at this address cannot be used.
pub(super) fn fault(error: &Error, endpoint: &str) -> BucketFault {
    match (error, code(error)) {
        (_, Some(code)) if code == "NoSuchBucket" => BucketFault::NoBucket,
        (Error::PermissionDenied { .. } | Error::Unauthenticated { .. }, code) => {
            BucketFault::Denied(code.unwrap_or_default())
        }
        _ if causes(error).any(|cause| cause.is::<HttpError>()) => {
            let why = causes(error).last().map(ToString::to_string).unwrap_or_default();
            BucketFault::Unreachable { endpoint: endpoint.to_owned(), why }
        }
        (_, Some(code)) => BucketFault::Other(code),
        _ => BucketFault::other(error),
    }
}

/// S3's code of the error, such as `NoSuchBucket`.
pub(super) fn code(error: &Error) -> Option<String> {
    let text = error.to_string();
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    Some(code.to_owned())
}

fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    fn cause<'e>(error: &&'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
        (*error).source()
    }
    std::iter::successors(error.source(), cause)
}
