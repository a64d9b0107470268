//! What the person who asked for a run learns of its end, in the commit that ends it: a task, and
//! a mail when he waited so long that he has gone elsewhere.

use db::{DbError, Tx};
use kernel::{MessageId, Scope, Timestamp};
use web::Context;
use web::mail::{self, Channel, Mail};
use web::tasks::{self, NewTask, Owner};

use super::model::{Run, State, path};
use crate::{merchants, users};

/// Who has waited no longer than this is still at his page, in seconds.
const PATIENCE_SECONDS: i64 = 60;

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// Done or failed.
    pub state: State,
    /// When.
    pub at: Timestamp,
    /// Name of the mail, made outside the unit of work.
    pub mail: MessageId,
}

/// Raises the task, and queues the mail.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn tell(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (scope, run): (&Scope, &Run),
    end: End,
) -> Result<(), DbError> {
    let (kind, word) = match (end.state, run.result()) {
        (State::Done, None) => (tasks::RUN_DONE, "done"),
        (State::Failed, None) => (tasks::RUN_FAILED, "failed"),
        (State::Done, Some(_)) => (tasks::ERRAND_DONE, "errand-done"),
        (State::Failed, Some(_)) => (tasks::ERRAND_FAILED, "errand-failed"),
        (State::Running | State::Stopped, _) => return Ok(()),
    };
    let task = NewTask {
        id: run.id.id(),
        kind,
        object: run.id.to_string(),
        note: called(run).to_owned(),
        person: Some(run.user),
        amount: None,
    };
    let since = crate::clocks::ops::merchant_now(tx, ctx, scope)?;
    tasks::raise(tx, Owner::from(scope), &task, since)?;
    if end.at.as_seconds().saturating_sub(run.created_at.as_seconds()) <= PATIENCE_SECONDS {
        return Ok(());
    }
    match letter(tx, ctx, (scope, run), word)? {
        Some(letter) => mail::send(tx, scope, &Mail { id: end.mail, ..letter }, end.at),
        None => Ok(()),
    }
}

/// What tells the person which run it was.
fn called(run: &Run) -> &str {
    if run.file_name.is_empty() { &run.title } else { &run.file_name }
}

/// The mail; nobody gets one who may no longer sign in.
fn letter(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (scope, run): (&Scope, &Run),
    word: &str,
) -> Result<Option<Mail>, DbError> {
    let user = users::store::find(tx, run.user)?.filter(|user| user.disabled_at.is_none());
    let merchant = merchants::store::merchant(tx, scope)?;
    let shops = merchants::store::shops(tx, scope)?;
    let (Some(user), Some(merchant), Some(shop)) = (user, merchant, shops.first()) else {
        return Ok(None);
    };
    let words = ctx.words(user.locale);
    let values =
        [("merchant", merchant.name.as_str()), ("name", user.name.as_str()), ("file", called(run))];
    let subject = words.with(&format!("run-mail-{word}-subject"), &values);
    Ok(Some(Mail {
        id: MessageId::from(run.id.id()),
        channel: Channel::Mail,
        shop: shop.id,
        to: user.email.to_string(),
        subject: subject.chars().take(mail::MAX_SUBJECT_CHARACTERS).collect(),
        text: words.with(&format!("run-mail-{word}-text"), &values),
        link: Some(format!("{}{}", ctx.urls.app, path(run.id))),
        object: run.id.to_string(),
    }))
}
