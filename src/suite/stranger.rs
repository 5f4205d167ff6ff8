//! The key that nobody published.

use std::sync::LazyLock;

#[cfg(feature = "mock-idp")]
use crate::gateway::KeyError;
use crate::gateway::SigningKey;

/// How it comes to be there.
type Making = Box<dyn FnOnce() -> SigningKey + Send>;

/// A key that nobody published. Making one takes as long as hundreds of requests and the first of them need none, so it is
/// made while they are under way.
#[derive(Debug)]
pub(crate) struct Stranger(LazyLock<SigningKey, Making>);

impl Stranger {
    /// Has a key made from now on, by another thread.
    #[cfg(feature = "mock-idp")]
    pub fn in_the_making() -> Self {
        let keys = making(1);
        Self::next_of(keys)
    }

    /// A key to publish and one that nobody published, which are made side by side: the first to be ready is published.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    #[cfg(feature = "mock-idp")]
    pub async fn beside_a_key() -> Result<(SigningKey, Self), KeyError> {
        let keys = making(2);
        let first = tokio::task::spawn_blocking(move || (keys.recv(), keys)).await;
        match first {
            Ok((Ok(Ok(key)), keys)) => Ok((key, Self::next_of(keys))),
            Ok((Ok(Err(error)), _)) => Err(error),
            Ok((Err(error), _)) => Err(KeyError::Generate(error.to_string())),
            Err(error) => Err(KeyError::Generate(error.to_string())),
        }
    }

    #[cfg(feature = "mock-idp")]
    fn next_of(keys: Keys) -> Self {
        // The operating system has given random numbers for the key of the run by now.
        let making: Making = Box::new(move || {
            let made = keys.recv().expect("the thread that makes it sends it");
            made.expect("random numbers")
        });
        Self(LazyLock::new(making))
    }

    /// The key; waits for it where it is still in the making.
    pub fn key(&self) -> &SigningKey {
        &self.0
    }
}

impl From<SigningKey> for Stranger {
    fn from(key: SigningKey) -> Self {
        Self(LazyLock::new(Box::new(|| key)))
    }
}

#[cfg(feature = "mock-idp")]
type Keys = std::sync::mpsc::Receiver<Result<SigningKey, KeyError>>;

/// As many keys, each as soon as it is made. Their threads are not the runtime's, which would not end before they do.
#[cfg(feature = "mock-idp")]
fn making(count: usize) -> Keys {
    let (made, keys) = std::sync::mpsc::channel();
    for _ in 0..count {
        let made = made.clone();
        std::thread::spawn(move || {
            // Nobody waits for it any more where that fails.
            let _ = made.send(SigningKey::generate());
        });
    }
    keys
}
