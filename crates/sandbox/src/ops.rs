//! What the bank does, each in one unit of work; ids, instants and random texts come in.

use db::{DbError, Tx};
use kernel::{Id, Money, Problem, Timestamp, Zone};

use crate::cards::{self, Card};
use crate::fault::{Fault, REFUND_REFUSED_CODE};
use crate::model::{
    Authentication, CardTrace, Choice, Kind, LATE_MINUTES, Operation, State, Taking,
};
use crate::notices::{self, Manner};
use crate::store;
use crate::verdict::{self, Delivery, Initiator, Page, Presented, Proof, Wish};

const TOO_MUCH: &str = "13";
const NOT_POSSIBLE: &str = "12";

/// Why a request is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BankError {
    /// The books failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The message is wrong; nothing was done.
    #[error("message refused: {}", .0.code)]
    Message(Problem),
    /// The fault "cut": nothing is done and the line drops.
    #[error("the line is cut")]
    Cut,
}

impl From<Problem> for BankError {
    fn from(problem: Problem) -> Self {
        Self::Message(problem)
    }
}

/// What a unit of work cannot make itself.
#[derive(Debug, Clone)]
pub(crate) struct Fresh {
    /// Name of the new thing.
    pub(crate) id: Id,
    /// Name of the capture that goes with an authorisation.
    pub(crate) second: Id,
    /// Name of the message that tells of it.
    pub(crate) notice: Id,
    /// Authorisation number.
    pub(crate) number: String,
    /// Chain reference.
    pub(crate) chain: String,
    /// The bank's clock.
    pub(crate) now: Timestamp,
}

/// A card as it came, already without its number.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The card of the number, if the bank issued it.
    pub(crate) card: Option<Card>,
    /// What is kept of it.
    pub(crate) trace: CardTrace,
    /// Year and month printed on it.
    pub(crate) expiry: (i16, i8),
}

/// A request for strong authentication.
#[derive(Debug, Clone)]
pub(crate) struct NewAuthentication {
    pub(crate) reference: String,
    pub(crate) amount: Money,
    pub(crate) shown: Shown,
    pub(crate) wish: Wish,
    pub(crate) merchant: String,
    pub(crate) return_url: String,
    /// When, on the clock of who asks; the bank's own when he does not say.
    pub(crate) local_time: Option<Timestamp>,
}

/// A request for an authorisation.
#[derive(Debug, Clone)]
pub(crate) struct NewAuthorisation {
    pub(crate) reference: String,
    pub(crate) amount: Money,
    pub(crate) shown: Shown,
    pub(crate) code: Option<String>,
    pub(crate) by_merchant: Option<Chain>,
    pub(crate) authentication: Option<String>,
    pub(crate) taking: Taking,
    /// When, on the clock of who asks; the bank's own when he does not say.
    pub(crate) local_time: Option<Timestamp>,
}

/// The chain reference a merchant cites; may be empty.
#[derive(Debug, Clone)]
pub(crate) struct Chain(pub(crate) String);

/// A capture, void or refund.
#[derive(Debug, Clone)]
pub(crate) struct Follow {
    pub(crate) kind: Kind,
    pub(crate) reference: String,
    pub(crate) number: String,
    pub(crate) minor: Option<i64>,
    /// When, on the clock of who asks; the bank's own when he does not say.
    pub(crate) local_time: Option<Timestamp>,
}

/// A line of the books, and whether its answer leaves the bank.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) operation: Operation,
    pub(crate) delivery: Delivery,
}

/// Starts a strong authentication; the same reference gets the same answer.
pub(crate) fn authenticate(
    tx: &mut Tx<'_>,
    new: &NewAuthentication,
    fresh: &Fresh,
) -> Result<Authentication, BankError> {
    if let Some(first) = store::repeat_authentication(tx, &new.reference)? {
        let same = first.amount == new.amount && first.card.mac == new.shown.trace.mac;
        same.then_some(()).ok_or_else(reused)?;
        return Ok(first);
    }
    let reading = verdict::authenticate(new.shown.card.as_ref(), new.wish);
    let authentication = Authentication {
        id: fresh.id,
        reference: new.reference.clone(),
        amount: new.amount,
        merchant: new.merchant.clone(),
        return_url: new.return_url.clone(),
        card: new.shown.trace.clone(),
        result: reading.result.to_owned(),
        flow: if reading.result == "C" { "challenge" } else { "frictionless" }.to_owned(),
        obeys: reading.page == Page::Obeys,
        at: fresh.now,
        local_at: new.local_time.unwrap_or(fresh.now),
        repeats: 0,
    };
    store::add_authentication(tx, &authentication)?;
    Ok(authentication)
}

/// The holder's choice on the bank's page; the first one counts, however often it is sent.
pub(crate) fn choose(
    tx: &mut Tx<'_>,
    id: Id,
    choice: Choice,
    now: Timestamp,
) -> Result<Option<Authentication>, BankError> {
    let Some(open) = store::authentication(tx, id)? else { return Ok(None) };
    let result = match open.result_at(now) {
        "C" => choice.result(&open),
        "timeout" => "timeout",
        _ => return Ok(Some(open)),
    };
    store::decide(tx, id, result, now)?;
    Ok(store::authentication(tx, id)?)
}

/// Decides an authorisation; the same reference gets the first result again.
pub(crate) fn authorise(
    tx: &mut Tx<'_>,
    new: &NewAuthorisation,
    fresh: &Fresh,
) -> Result<Done, BankError> {
    if let Some(first) = store::by_reference(tx, Kind::Authorise, &new.reference)? {
        let same = first.amount == new.amount && first.card.mac == new.shown.trace.mac;
        same.then_some(()).ok_or_else(reused)?;
        store::count_repeat(tx, first.id)?;
        return Ok(Done { operation: first, delivery: Delivery::Answer });
    }
    let fault = store::take_fault(tx, Kind::Authorise.as_str())?;
    if fault == Some(Fault::Cut) {
        return Err(BankError::Cut);
    }
    let initiator = initiator(tx, new, fresh.now)?;
    let presented = Presented {
        expiry: new.shown.expiry,
        code: new.code.as_deref(),
        initiator,
        today: Zone::paris().date(new.local_time.unwrap_or(fresh.now)),
    };
    let mut verdict = verdict::authorise(new.shown.card.as_ref(), &presented);
    match &fault {
        Some(Fault::Code(code)) => verdict.code.clone_from(code),
        Some(Fault::Silence) => verdict.delivery = Delivery::Silence,
        Some(Fault::LateSuccess) => verdict.delivery = Delivery::Late,
        Some(Fault::NotificationFirst) if verdict.delivery == Delivery::Answer => {
            verdict.delivery = Delivery::AfterNotice;
        }
        _ => {}
    }
    let operation = authorisation(new, &verdict, fresh);
    store::add_operation(tx, &operation)?;
    if operation.captured > 0 {
        let capture = capture_of(&operation, (fresh, operation.local_at));
        store::add_operation(tx, &capture)?;
    }
    let done = Done { operation, delivery: verdict.delivery };
    tell(tx, &done, (fault.as_ref(), fresh))?;
    Ok(done)
}

/// Writes down what will be told; of what is done in silence, nothing.
fn tell(
    tx: &mut Tx<'_>,
    done: &Done,
    (fault, fresh): (Option<&Fault>, &Fresh),
) -> Result<(), BankError> {
    let manner = match (done.delivery, fault) {
        (Delivery::AfterNotice, _) => Manner::Before,
        (Delivery::Answer, Some(Fault::DoubleNotification)) => Manner::Twice,
        (Delivery::Answer, _) => Manner::After,
        (Delivery::Silence | Delivery::Late, _) => return Ok(()),
    };
    Ok(notices::tell(tx, &done.operation, (manner, fresh))?)
}

fn authorisation(new: &NewAuthorisation, verdict: &verdict::Verdict, fresh: &Fresh) -> Operation {
    let late = verdict.delivery == Delivery::Late;
    let state = match verdict.code.as_str() {
        _ if late => State::Pending,
        verdict::APPROVED => State::Approved,
        _ => State::Declined,
    };
    let takes = state == State::Approved && new.taking == Taking::Now;
    Operation {
        id: fresh.id,
        kind: Kind::Authorise,
        reference: new.reference.clone(),
        amount: new.amount,
        state,
        code: if late { String::new() } else { verdict.code.clone() },
        number: fresh.number.clone(),
        chain: fresh.chain.clone(),
        card: new.shown.trace.clone(),
        initiator: if new.by_merchant.is_some() { "merchant" } else { "payer" }.to_owned(),
        taking: new.taking,
        late_from: late.then(|| fresh.now.plus_minutes(LATE_MINUTES)),
        captured: if takes { new.amount.minor() } else { 0 },
        voided: 0,
        refunded: 0,
        at: fresh.now,
        local_at: new.local_time.unwrap_or(fresh.now),
        repeats: 0,
    }
}

/// The capture that stands beside an authorisation with its money; `local_at` is the instant of
/// the authorisation on the clock of who asked.
fn capture_of(authorisation: &Operation, (fresh, local_at): (&Fresh, Timestamp)) -> Operation {
    let after = |at: Timestamp| Timestamp::from_micros(at.as_micros().saturating_add(1));
    Operation {
        id: fresh.second,
        kind: Kind::Capture,
        captured: 0,
        state: State::Approved,
        code: verdict::APPROVED.to_owned(),
        late_from: None,
        repeats: 0,
        at: after(fresh.now),
        local_at,
        ..authorisation.clone()
    }
}

fn initiator(
    tx: &mut Tx<'_>,
    new: &NewAuthorisation,
    now: Timestamp,
) -> Result<Initiator, BankError> {
    let mac = &new.shown.trace.mac;
    if let Some(Chain(chain)) = &new.by_merchant {
        let known = !chain.is_empty() && store::knows_chain(tx, chain, mac)?;
        return Ok(if known { Initiator::MerchantWithChain } else { Initiator::MerchantAlone });
    }
    let Some(cited) = &new.authentication else { return Ok(Initiator::Payer(Proof::None)) };
    let found = match Id::parse(cited) {
        Ok(id) => store::authentication(tx, id)?,
        Err(_) => None,
    };
    let fits = |a: &Authentication| {
        a.card.mac == *mac
            && a.amount.currency() == new.amount.currency()
            && a.amount.minor() >= new.amount.minor()
    };
    let proof = found.filter(fits).map_or(Proof::Bad, |a| match a.result_at(now) {
        "Y" if a.flow == "challenge" => Proof::Challenge,
        "Y" | "A" => Proof::Frictionless,
        "U" | "not_enrolled" => Proof::None,
        _ => Proof::Bad,
    });
    Ok(Initiator::Payer(proof))
}

/// A capture, void or refund of an authorisation; the same reference gets the first result again.
pub(crate) fn follow(tx: &mut Tx<'_>, new: &Follow, fresh: &Fresh) -> Result<Done, BankError> {
    if let Some(first) = store::by_reference(tx, new.kind, &new.reference)? {
        let same_amount = new.minor.is_none_or(|minor| minor == first.amount.minor());
        (same_amount && first.number == new.number).then_some(()).ok_or_else(reused)?;
        store::count_repeat(tx, first.id)?;
        return Ok(Done { operation: first, delivery: Delivery::Answer });
    }
    let base = store::by_number(tx, &new.number)?.ok_or_else(|| {
        Problem::field("$.authorisation", "unknown_authorisation", "No such authorisation.")
    })?;
    let fault = store::take_fault(tx, new.kind.as_str())?;
    if fault == Some(Fault::Cut) {
        return Err(BankError::Cut);
    }
    let rest = base.amount.minor().saturating_sub(base.captured).saturating_sub(base.voided);
    let minor = new.minor.unwrap_or(rest);
    let done = match new.kind {
        _ if fault == Some(Fault::RefundRefused) => Err(REFUND_REFUSED_CODE),
        Kind::Capture => store::take(tx, &new.number, minor)?.then_some(()).ok_or(TOO_MUCH),
        Kind::Void => store::release(tx, &new.number, minor)?.then_some(()).ok_or(NOT_POSSIBLE),
        Kind::Refund => store::give_back(tx, &new.number, minor)?.then_some(()).ok_or(TOO_MUCH),
        Kind::Authorise => Err(NOT_POSSIBLE),
    };
    let operation = Operation {
        id: fresh.id,
        kind: new.kind,
        reference: new.reference.clone(),
        amount: Money::new(minor, base.amount.currency()),
        state: if done.is_ok() { State::Approved } else { State::Declined },
        code: done.err().unwrap_or(verdict::APPROVED).to_owned(),
        captured: 0,
        voided: 0,
        refunded: 0,
        late_from: None,
        at: fresh.now,
        local_at: new.local_time.unwrap_or(fresh.now),
        repeats: 0,
        ..base
    };
    store::add_operation(tx, &operation)?;
    let silent = fault == Some(Fault::Silence);
    let delivery = if silent { Delivery::Silence } else { Delivery::Answer };
    let done = Done { operation, delivery };
    tell(tx, &done, (fault.as_ref(), fresh))?;
    Ok(done)
}

/// What became of a reference, asked `age_seconds` after it was sent by the asker's clock. A late
/// success happens once 15 minutes have passed on his clock or on the bank's.
pub(crate) fn query(
    tx: &mut Tx<'_>,
    (kind, reference): (Kind, &str),
    age_seconds: Option<i64>,
    fresh: &Fresh,
) -> Result<Option<Operation>, BankError> {
    let Some(found) = store::by_reference(tx, kind, reference)? else { return Ok(None) };
    let Some(late_from) = found.late_from.filter(|_| found.state == State::Pending) else {
        return Ok(Some(found));
    };
    let by_asker = age_seconds.is_some_and(|age| age >= LATE_MINUTES.saturating_mul(60));
    if by_asker || fresh.now >= late_from {
        let captured = if found.taking == Taking::Now { found.amount.minor() } else { 0 };
        if store::settle_late(tx, found.id, captured)? && captured > 0 {
            let age = age_seconds.unwrap_or(0).max(LATE_MINUTES.saturating_mul(60));
            let local_at = found.local_at.plus_seconds(age);
            store::add_operation(tx, &capture_of(&found, (fresh, local_at)))?;
        }
    }
    Ok(store::by_reference(tx, kind, reference)?)
}

/// What the bank keeps of a card: truncated number, network, and a code that recognises it.
pub(crate) fn trace(number: &str, card: Option<&Card>, key: &[u8; 32]) -> CardTrace {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    let tag = aws_lc_rs::hmac::sign(&key, number.as_bytes());
    let mut mac = [0; 32];
    for (to, from) in mac.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    CardTrace {
        truncated: cards::truncate(number),
        mac,
        network: card.map_or("other", |card| card.network.as_str()).to_owned(),
    }
}

fn reused() -> BankError {
    Problem::new(409, "reference_reused", "This reference was used for something else.").into()
}
