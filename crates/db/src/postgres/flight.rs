//! Several messages sent at once, their answers awaited together.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// One message and its answer.
pub(crate) type Step<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + 'a>>;

/// Sends the steps in their order without waiting in between; gives the answer of the last one,
/// or the first failure in their order (those after it only say that it happened).
pub(crate) async fn in_order<T, E>(mut steps: Vec<Step<'_, T, E>>) -> Result<Option<T>, E> {
    let mut answers: Vec<Option<Result<T, E>>> = steps.iter().map(|_| None).collect();
    poll_fn(|task| {
        for (step, answer) in steps.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(ready) = step.as_mut().poll(task)
            {
                *answer = Some(ready);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().try_fold(None, |_, answer| answer.map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_failure_counts_and_all_are_awaited() {
        let step = |answer: Result<u8, &'static str>| -> Step<'static, u8, &'static str> {
            Box::pin(async move {
                tokio::task::yield_now().await;
                answer
            })
        };
        let good = in_order(vec![step(Ok(1)), step(Ok(2))]).await;
        assert_eq!(good, Ok(Some(2)));
        let bad = in_order(vec![step(Ok(1)), step(Err("first")), step(Err("aborted"))]).await;
        assert_eq!(bad, Err("first"));
    }
}
