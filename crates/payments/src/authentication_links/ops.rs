//! Asking a holder, and what follows from what he and his bank do; all in the caller's commit.

use db::jobs::NewJob;
use db::{DbError, Tx, jobs, outbox};
use identity::audit;
use kernel::{AuditId, AuthenticationLinkId, EventId, JobId, PaymentId, Problem, Scope, Timestamp};
use serde_json::json;
use web::mail::{self, Channel};

use super::model::{AuthenticationLink, OtherCard, State, is_try};
use super::{MOST_A_DAY, REMINDER_HOURS, json as shape, letters, store};
use crate::engine::session::end_attempt;
use crate::engine::{AttemptError, Engine, EngineError};
use crate::payment::save::{self, Pen, SaveError};
use crate::payment::{
    Card, Channel as Sale, CreateError, Initiator, MAX_ATTEMPTS, Payment, Session, Status,
    ThreedsWish, store as payments,
};
use crate::{jobs as names, page_token};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// How the link travels; at least one way.
    pub channels: Vec<Channel>,
    /// How long it lasts, in seconds.
    pub lasts_seconds: i64,
    /// The card, as the vault described it a moment ago.
    pub card: Card,
    /// Whether another one may be given instead.
    pub other_card: OtherCard,
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// The link.
    pub link: AuthenticationLink,
    /// The holder's own address.
    pub url: String,
}

/// Why nobody was asked; nothing was written and nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No such payment.
    #[error("no such payment")]
    NotFound,
    /// The payment is paid, at the bank, over or out of tries.
    #[error("the payment takes no card now")]
    NotNow(Box<Payment>),
    /// The account takes no card for so small an amount.
    #[error("below the minimum of the account")]
    NotOffered(kernel::Money),
    /// Another payment of the same order is being made.
    #[error("the order has a live payment")]
    OrderHasLivePayment(PaymentId),
    /// The payer left no address for this way.
    #[error("no address for {0:?}")]
    ContactMissing(Channel),
    /// Asked often enough; again from then.
    #[error("asked too often")]
    TooOften(Timestamp),
    /// It could not be written.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl From<DbError> for AskError {
    fn from(error: DbError) -> Self {
        Self::Save(error.into())
    }
}

impl From<EngineError> for AskError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound => Self::NotFound,
            EngineError::Save(error) => Self::Save(error),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::NotFound => Self::not_found(),
            AskError::NotNow(payment) => AttemptError::NotNow(payment).into(),
            AskError::NotOffered(least) => AttemptError::NotOffered(least).into(),
            AskError::OrderHasLivePayment(id) => CreateError::OrderHasLivePayment(id).into(),
            AskError::ContactMissing(channel) => {
                let text = match channel {
                    Channel::Mail => "The payment names no e-mail address of its payer.",
                    Channel::Sms => "The payment names no telephone number of its payer.",
                };
                Self::field("$.channels", "contact_missing", text)
            }
            AskError::TooOften(from) => {
                let text = "Three links within a day are enough; the payer has the last one.";
                Self::new(429, "link_limit", text).with("from", from.to_string())
            }
            AskError::Save(error) => crate::error::of_save(&error),
        }
    }
}

/// Asks the holder. From now on the charge is his own, its session lasts as long as the link, and
/// earlier links of the payment lead nowhere; a try that waits at his bank's page has ended.
///
/// # Errors
/// [`AskError`]; the transaction must end with it.
pub fn ask(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (id, ask): (PaymentId, &Ask),
    line: &audit::Line,
) -> Result<Made, AskError> {
    let before = payments::find(tx, scope, id)?.ok_or(AskError::NotFound)?;
    let pen = engine.pen(scope, before.shop);
    admit(tx, &pen, &before, ask)?;
    if let Some(earlier) = store::open_of(tx, scope, id)? {
        store::end(tx, scope, (earlier.id, State::Cancelled, pen.now))?;
        tell(tx, &pen, (&before, earlier.id))?;
    }
    let link = fresh(&pen, &before, ask);
    store::insert(tx, scope, &link)?;
    let mut after = Payment {
        initiator: Initiator::Payer,
        channel: match before.channel {
            Sale::MotoTerminal => Sale::Ecommerce,
            channel => channel,
        },
        threeds_wish: ThreedsWish::Mandate,
        card: Some(ask.card.clone()),
        chain: None,
        session: Session::Open,
        session_ends: Some(link.expires_at),
        ..before.clone()
    };
    end_attempt(tx, scope, &mut after, "cancelled_by_payer")?;
    let again = (!before.status.is_live()).then(|| before.order_ref.clone());
    store::hand_over(tx, scope, (&after, again))?;
    save::save(tx, &pen, &before, &mut after)?;
    let url = send(tx, engine, (&pen, &after), &link)?;
    tell(tx, &pen, (&after, link.id))?;
    remind_later(tx, &pen, &link)?;
    audit::record(tx, scope, line, pen.real_now, AuditId::new(pen.real_now, pen.rng))?;
    Ok(Made { link, url })
}

fn admit(tx: &mut Tx<'_>, pen: &Pen<'_>, payment: &Payment, ask: &Ask) -> Result<(), AskError> {
    use Status::{Abandoned, ActionRequired, Created, Refused};
    let asked = matches!(payment.status, Created | ActionRequired | Refused | Abandoned);
    let busy = payment.in_flight().is_some() || payment.unknown().is_some();
    if !asked || busy || payment.closed.is_some() || payment.attempts >= MAX_ATTEMPTS {
        return Err(AskError::NotNow(Box::new(payment.clone())));
    }
    if !payment.is_offered() {
        return Err(AskError::NotOffered(payment.caps.minimum(payment.currency())));
    }
    if !payment.status.is_live()
        && let Some(other) =
            payments::live_of_order(tx, pen.scope, payment.shop, &payment.order_ref)?
    {
        return Err(AskError::OrderHasLivePayment(other));
    }
    for channel in &ask.channels {
        letters::address(payment, *channel).ok_or(AskError::ContactMissing(*channel))?;
    }
    not_too_often(tx, pen.scope, (&[payment.id], pen.now))
}

/// Whether the payer of these payments was asked less than [`MOST_A_DAY`] times within 24 hours.
///
/// # Errors
/// [`AskError::TooOften`]; the database.
pub fn not_too_often(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (payments, now): (&[PaymentId], Timestamp),
) -> Result<(), AskError> {
    let mut recent = Vec::new();
    for payment in payments {
        let links = store::of_payment(tx, scope, *payment)?.into_iter();
        recent.extend(links.map(|link| link.created_at).filter(|at| *at > now.plus_days(-1)));
    }
    recent.sort_unstable();
    match recent.into_iter().rev().nth(MOST_A_DAY.saturating_sub(1)) {
        Some(first) => Err(AskError::TooOften(first.plus_days(1))),
        None => Ok(()),
    }
}

fn fresh(pen: &Pen<'_>, payment: &Payment, ask: &Ask) -> AuthenticationLink {
    AuthenticationLink {
        id: AuthenticationLinkId::new(pen.now, pen.rng),
        shop: payment.shop,
        payment: payment.id,
        card: ask.card.id,
        network: ask.card.network().to_owned(),
        last4: ask.card.last4.clone(),
        channels: letters::words_of(&ask.channels),
        other_card: ask.other_card,
        tried_before: payment.attempts,
        asked_by: pen.scope.actor().text(),
        state: State::Sent,
        created_at: pen.now,
        expires_at: pen.now.plus_seconds(ask.lasts_seconds),
        opened_at: None,
        agreed: None,
        reminded_at: None,
        ended_at: None,
    }
}

/// Sends the link with a token of its own; gives its address.
fn send(
    tx: &mut Tx<'_>,
    engine: &Engine,
    (pen, payment): (&Pen<'_>, &Payment),
    link: &AuthenticationLink,
) -> Result<String, DbError> {
    let token = page_token::new(pen.rng);
    store::register(tx, pen.scope, (&token, link.id))?;
    let url = format!("{}/authentification/{token}", engine.ctx.urls.app);
    for letter in letters::of(tx, &engine.ctx, (pen, payment), (link, &url))? {
        mail::send(tx, pen.scope, &letter, pen.now)?;
    }
    Ok(url)
}

fn remind_later(tx: &mut Tx<'_>, pen: &Pen<'_>, link: &AuthenticationLink) -> Result<(), DbError> {
    let at = link.expires_at.plus_seconds(REMINDER_HOURS.saturating_mul(-3_600));
    if at <= pen.now {
        return Ok(());
    }
    let job = NewJob {
        id: JobId::new(pen.now, pen.rng),
        merchant: pen.scope.merchant(),
        mode: pen.scope.mode(),
        shop: link.shop,
        kind: names::AUTHENTICATION_REMINDER,
        dedupe: Some(link.id.to_string()),
        run_at: at,
        payload: json!({ "link": link.id }),
    };
    jobs::enqueue(tx, &job)
}

/// Sends a link once more, if its holder has not confirmed yet. Repeating it sends nothing.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn remind(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    id: AuthenticationLinkId,
) -> Result<(), DbError> {
    let Some(link) = store::find(tx, scope, id)? else { return Ok(()) };
    let Some(payment) = payments::find(tx, scope, link.payment)? else { return Ok(()) };
    let pen = engine.pen(scope, link.shop);
    let waits = payment.status == Status::ActionRequired && payment.in_flight().is_none();
    if link.is_open(pen.now) && waits && store::reminded(tx, scope, (id, pen.now))? {
        send(tx, engine, (&pen, &payment), &link)?;
    }
    Ok(())
}

/// What is behind the token of a message: the payer's scope, his payment, and whether the link
/// still leads there. The first look is written down.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn open(
    tx: &mut Tx<'_>,
    engine: &Engine,
    token: &str,
) -> Result<Option<(Payment, AuthenticationLink)>, DbError> {
    let Some((scope, link)) = store::behind(tx, token)? else { return Ok(None) };
    let Some(payment) = payments::find(tx, &scope, link.payment)? else { return Ok(None) };
    let pen = engine.pen(&scope, link.shop);
    if link.is_open(pen.now) && store::opened(tx, &scope, (link.id, pen.now))? {
        tell(tx, &pen, (&payment, link.id))?;
    }
    Ok(Some((payment, link)))
}

/// Ends the link of a payment with what became of the payment, and the payment's session with the
/// last try. Called for every change of a payment; costs those without a link nothing.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn follow(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &mut Payment,
) -> Result<(), DbError> {
    let asked = after.threeds_wish == ThreedsWish::Mandate && after.session_ends.is_some();
    if !asked || before.counters.authorised > 0 || before.closed.is_some() {
        return Ok(());
    }
    let Some(link) = store::open_of(tx, pen.scope, after.id)? else { return Ok(()) };
    if link.is_spent(after) && !after.operations.iter().any(|o| is_try(o) && o.state.is_open()) {
        after.session = Session::Ended;
        after.derive();
    }
    match link.end(after, pen.now) {
        Some(state) if store::end(tx, pen.scope, (link.id, state, pen.now))? => {
            tell(tx, pen, (after, link.id))
        }
        _ => Ok(()),
    }
}

/// The event of what a link came to.
fn tell(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (payment, id): (&Payment, AuthenticationLinkId),
) -> Result<(), DbError> {
    let Some(link) = store::find(tx, pen.scope, id)? else { return Ok(()) };
    let event = outbox::NewEvent {
        id: EventId::new(pen.now, pen.rng),
        kind: match link.state {
            State::Sent => "authentication_link.sent",
            State::Opened => "authentication_link.opened",
            State::Done => "authentication_link.done",
            State::Failed => "authentication_link.failed",
            State::Expired => "authentication_link.expired",
            State::Cancelled => "authentication_link.cancelled",
        },
        object: link.id.to_string(),
        shop: link.shop,
        body: shape::link(&link, payment, pen.now),
    };
    outbox::emit(tx, pen.scope, &event, pen.now)
}
