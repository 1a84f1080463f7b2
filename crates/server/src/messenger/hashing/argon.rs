//! Argon2id in reused memory: 19 MiB allocated for each hash would stay in the allocator's arenas.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        Error, Result,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};

/// The salt of a computation for an unknown account.
const NO_SALT: &[u8; 16] = b"nobody's account";

/// The memory of one computation; empty until the first.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    pub(super) fn free(&mut self) {
        self.0 = Vec::new();
    }

    /// # Errors
    /// If the system has no randomness.
    pub(super) fn hash(&mut self, password: &str) -> Result<String> {
        let mut salt = [0; argon2::RECOMMENDED_SALT_LEN];
        getrandom::fill(&mut salt).map_err(|_| Error::Internal)?;
        let (algorithm, version, params) = (Algorithm::default(), Version::default(), Params::default());
        let hash = self.compute(password, &salt, algorithm, version, &params)?;
        let parts = PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params)?,
            salt: Some(Salt::new(&salt)?),
            hash: Some(hash),
        };
        Ok(parts.to_string())
    }

    /// Without a valid hash the computation takes the same time and returns false.
    pub(super) fn verify(&mut self, password: &str, hash: Option<&str>) -> bool {
        match hash.map(PasswordHash::new) {
            Some(Ok(hash)) => self.matches(password, &hash).unwrap_or_default(),
            _ => {
                let _ = self.compute(password, NO_SALT, Algorithm::default(), Version::default(), &Params::default());
                false
            }
        }
    }

    fn matches(&mut self, password: &str, known: &PasswordHash) -> Result<bool> {
        let (Some(salt), Some(hash)) = (&known.salt, &known.hash) else { return Ok(false) };
        let algorithm = Algorithm::try_from(known.algorithm.as_str())?;
        let version = known.version.map_or(Ok(Version::default()), Version::try_from)?;
        // Compared in constant time, as `Output` does.
        Ok(self.compute(password, salt, algorithm, version, &Params::try_from(known)?)? == *hash)
    }

    fn compute(
        &mut self,
        password: &str,
        salt: &[u8],
        algorithm: Algorithm,
        version: Version,
        params: &Params,
    ) -> Result<Output> {
        self.0.resize(self.0.len().max(params.block_count()), Block::default());
        let mut out = [0; Output::MAX_LENGTH];
        let out = &mut out[..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        let argon = Argon2::new(algorithm, version, params.clone());
        argon.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut *self.0)?;
        Ok(Output::new(out)?)
    }
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    #[test]
    fn hashes_are_the_library_s_own_in_the_same_memory() {
        let mut memory = Memory::default();
        let ours = memory.hash("올바른 말 1").unwrap();
        let theirs = Argon2::default().hash_password("올바른 말 2".as_bytes()).unwrap().to_string();
        assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
        assert!(Argon2::default().verify_password("올바른 말 1".as_bytes(), ours.as_str()).is_ok());
        assert!(memory.verify("올바른 말 2", Some(&theirs)) && memory.verify("올바른 말 1", Some(&ours)));
        assert!(!memory.verify("올바른 말 1", Some(&theirs)) && !memory.verify("", Some(&ours)));
        assert_ne!(ours, memory.hash("올바른 말 1").unwrap(), "each has a salt of its own");
    }

    #[test]
    fn a_missing_or_invalid_hash_costs_the_same_computation() {
        let mut memory = Memory::default();
        for hash in [None, Some("!"), Some("")] {
            memory.free();
            assert!(!memory.verify("whatever", hash));
            assert_eq!(memory.0.len(), Params::default().block_count(), "{hash:?}");
        }
    }
}
