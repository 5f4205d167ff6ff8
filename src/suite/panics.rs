//! A panic inside the suite is a defect of its own; what was found until then is reported all the same.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// Runs a future to its end, or to its panic: what the panic said.
pub(crate) async fn caught<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let mut future = pin!(future);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(said(&*panic))),
        },
    )
    .await
}

/// Calls something, and says what its panic said, if it panicked.
pub(crate) fn caught_call(call: impl FnOnce()) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| said(&*panic))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_a_value_a_value() {
        assert_eq!(caught(async { 7 }).await, Ok(7));
        let panicked: Result<(), String> = caught(async {
            tokio::task::yield_now().await;
            panic!("no {}", 7)
        })
        .await;
        assert_eq!(panicked, Err("no 7".to_owned()));
        assert_eq!(caught_call(|| panic!("no")), Err("no".to_owned()));
    }
}
