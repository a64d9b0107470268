//! SQL of the bank. One contract, so no merchant column: the file belongs to the simulator alone.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Currency, Id, Money, Timestamp};

use crate::cases::{Case, Stage};
use crate::fault::{Fault, Until};
use crate::model::{Authentication, CardTrace, Kind, Operation, State, Taking};
use crate::notices::Notice;

static INSERT_OPERATION: Insert = Insert {
    table: "operation",
    columns: &[
        "id",
        "kind",
        "ref",
        "amount",
        "currency",
        "state",
        "code",
        "number",
        "chain",
        "network",
        "card",
        "card_mac",
        "initiator",
        "takes_money",
        "late_from",
        "captured",
        "at",
        "local_at",
    ],
};

static INSERT_AUTHENTICATION: Insert = Insert {
    table: "authentication",
    columns: &[
        "id",
        "ref",
        "amount",
        "currency",
        "merchant",
        "return_url",
        "card",
        "card_mac",
        "network",
        "result",
        "flow",
        "obeys",
        "at",
        "local_at",
    ],
};

/// The bank's key, made at the first start.
pub(crate) fn key(tx: &mut Tx<'_>, fresh: [u8; 32]) -> Result<[u8; 32], DbError> {
    let sql = "INSERT INTO bank_key (name, value) VALUES ('card', $1) ON CONFLICT DO NOTHING";
    tx.exec(sql, &params![fresh])?;
    let row = tx.query_opt("SELECT value FROM bank_key WHERE name = 'card'", &[])?;
    row.ok_or_else(|| DbError::Corrupt("the bank has no key".into()))?.get("value")
}

/// Adds a line.
pub(crate) fn add_operation(tx: &mut Tx<'_>, line: &Operation) -> Result<(), DbError> {
    let values = params![
        line.id,
        line.kind.as_str(),
        &line.reference,
        line.amount.minor(),
        line.amount.currency(),
        line.state.as_str(),
        &line.code,
        &line.number,
        &line.chain,
        &line.card.network,
        &line.card.truncated,
        line.card.mac,
        &line.initiator,
        line.taking == Taking::Now,
        line.late_from,
        line.captured,
        line.at,
        line.local_at,
    ];
    tx.insert(&INSERT_OPERATION, values)
}

/// The line of a reference.
pub(crate) fn by_reference(
    tx: &mut Tx<'_>,
    kind: Kind,
    reference: &str,
) -> Result<Option<Operation>, DbError> {
    let sql = "SELECT * FROM operation WHERE kind = $1 AND ref = $2";
    let row = tx.query_opt(sql, &params![kind.as_str(), reference])?;
    row.as_ref().map(operation).transpose()
}

/// The authorisation of a number.
pub(crate) fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<Operation>, DbError> {
    let sql = "SELECT * FROM operation WHERE kind = 'authorise' AND number = $1";
    let row = tx.query_opt(sql, &params![number])?;
    row.as_ref().map(operation).transpose()
}

/// Whether the holder made a payment with this card under this chain.
pub(crate) fn knows_chain(tx: &mut Tx<'_>, chain: &str, mac: &[u8; 32]) -> Result<bool, DbError> {
    let sql = "SELECT id FROM operation WHERE kind = 'authorise' AND chain = $1 \
         AND card_mac = $2 AND state = 'approved' AND initiator = 'payer' LIMIT 1";
    Ok(!tx.query(sql, &params![chain, mac])?.is_empty())
}

/// Counts a request that came again.
pub(crate) fn count_repeat(tx: &mut Tx<'_>, id: Id) -> Result<(), DbError> {
    let sql = "UPDATE operation SET repeats = repeats + 1 WHERE id = $1";
    tx.exec(sql, &params![id]).map(|_| ())
}

/// Takes a part of an authorisation, if that much is left. One conditional change: two captures
/// at once never take more than there is.
pub(crate) fn take(tx: &mut Tx<'_>, number: &str, minor: i64) -> Result<bool, DbError> {
    let sql = "UPDATE operation SET captured = captured + $1 WHERE kind = 'authorise' \
         AND number = $2 AND state = 'approved' AND $1 > 0 AND captured + voided + $1 <= amount";
    Ok(tx.exec(sql, &params![minor, number])? == 1)
}

/// Releases what was not taken.
pub(crate) fn release(tx: &mut Tx<'_>, number: &str, minor: i64) -> Result<bool, DbError> {
    let sql = "UPDATE operation SET voided = voided + $1 WHERE kind = 'authorise' \
         AND number = $2 AND state = 'approved' AND $1 > 0 AND captured + voided + $1 <= amount";
    Ok(tx.exec(sql, &params![minor, number])? == 1)
}

/// Gives a part back of what was taken, if that much is left.
pub(crate) fn give_back(tx: &mut Tx<'_>, number: &str, minor: i64) -> Result<bool, DbError> {
    let sql = "UPDATE operation SET refunded = refunded + $1 WHERE kind = 'authorise' \
         AND number = $2 AND state = 'approved' AND $1 > 0 AND refunded + $1 <= captured";
    Ok(tx.exec(sql, &params![minor, number])? == 1)
}

/// Lets a late success happen; true for the caller that made it happen.
pub(crate) fn settle_late(tx: &mut Tx<'_>, id: Id, captured: i64) -> Result<bool, DbError> {
    let sql = "UPDATE operation SET state = 'approved', code = '00', captured = $1 \
         WHERE id = $2 AND state = 'pending'";
    Ok(tx.exec(sql, &params![captured, id])? == 1)
}

/// All lines, oldest first.
pub(crate) fn all(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Operation>, DbError> {
    let sql = "SELECT * FROM (SELECT * FROM operation ORDER BY local_at DESC, at DESC, id DESC \
         LIMIT $1) AS last ORDER BY local_at, at, id";
    tx.query(sql, &params![limit])?.iter().map(operation).collect()
}

/// Sets what the next answers do wrong, or nothing.
pub(crate) fn set_fault(
    tx: &mut Tx<'_>,
    fault: Option<&Fault>,
    until: Until,
) -> Result<(), DbError> {
    tx.exec("DELETE FROM fault", &[])?;
    let Some(fault) = fault else { return Ok(()) };
    let sql = "INSERT INTO fault (name, word, lasting) VALUES ('next', $1, $2)";
    tx.exec(sql, &params![fault.word(), until == Until::Changed]).map(|_| ())
}

/// The fault that is ordered, and for how long.
pub(crate) fn fault(tx: &mut Tx<'_>) -> Result<Option<(Fault, Until)>, DbError> {
    let sql = "SELECT word, lasting FROM fault WHERE name = 'next'";
    let Some(row) = tx.query_opt(sql, &[])? else { return Ok(None) };
    let until = if row.get::<bool>("lasting")? { Until::Changed } else { Until::Once };
    let fault = Fault::parse(&row.get::<String>("word")?).unwrap_or(None);
    Ok(fault.map(|fault| (fault, until)))
}

/// Takes the fault that strikes this kind; what was ordered once strikes once.
pub(crate) fn take_fault(tx: &mut Tx<'_>, kind: &str) -> Result<Option<Fault>, DbError> {
    let strikes = fault(tx)?.filter(|(fault, _)| fault.strikes(kind));
    if let Some((_, Until::Once)) = strikes {
        tx.exec("DELETE FROM fault", &[])?;
    }
    Ok(strikes.map(|(fault, _)| fault))
}

/// The latest sale with money that is not contested yet, or the one of a reference.
pub(crate) fn contestable(
    tx: &mut Tx<'_>,
    reference: Option<&str>,
) -> Result<Option<Operation>, DbError> {
    let sql = "SELECT * FROM operation WHERE kind = 'authorise' AND captured > 0 \
         AND (CAST($1 AS TEXT) IS NULL OR ref = $1) \
         AND ref NOT IN (SELECT ref FROM contested) ORDER BY local_at DESC, at DESC LIMIT 1";
    tx.query_opt(sql, &params![reference.map(str::to_owned)])?.as_ref().map(operation).transpose()
}

/// Adds a case.
pub(crate) fn add_case(tx: &mut Tx<'_>, new: &Case) -> Result<(), DbError> {
    let sql = "INSERT INTO contested (number, ref, amount, currency, network, state, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = params![
        &new.number,
        &new.reference,
        new.amount.minor(),
        new.amount.currency(),
        &new.network,
        new.stage.as_str(),
        new.at,
    ];
    tx.exec(sql, &values).map(|_| ())
}

/// A case by its number.
pub(crate) fn case(tx: &mut Tx<'_>, number: &str) -> Result<Option<Case>, DbError> {
    let row = tx.query_opt("SELECT * FROM contested WHERE number = $1", &params![number])?;
    row.as_ref().map(read_case).transpose()
}

/// Writes how a case was decided.
pub(crate) fn decide_case(tx: &mut Tx<'_>, after: &Case) -> Result<(), DbError> {
    let sql = "UPDATE contested SET state = $1 WHERE number = $2";
    tx.exec(sql, &params![after.stage.as_str(), &after.number]).map(|_| ())
}

/// The latest cases, newest first.
pub(crate) fn cases(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Case>, DbError> {
    let sql = "SELECT * FROM contested ORDER BY at DESC, number LIMIT $1";
    tx.query(sql, &params![limit])?.iter().map(read_case).collect()
}

fn read_case(row: &Row) -> Result<Case, DbError> {
    let stage: String = row.get("state")?;
    Ok(Case {
        number: row.get("number")?,
        reference: row.get("ref")?,
        amount: money(row)?,
        network: row.get("network")?,
        stage: Stage::parse(&stage).ok_or_else(|| DbError::Corrupt("contested.state".into()))?,
        at: row.get("at")?,
    })
}

/// Forgets everything but the key.
pub(crate) fn forget(tx: &mut Tx<'_>) -> Result<(), DbError> {
    for table in ["operation", "authentication", "fault", "notice", "contested"] {
        tx.exec(&format!("DELETE FROM {table}"), &[])?;
    }
    Ok(())
}

/// Adds a message.
pub(crate) fn add_notice(tx: &mut Tx<'_>, new: &Notice) -> Result<(), DbError> {
    let sql = "INSERT INTO notice (id, copy, body, tries, due_at) VALUES ($1, $2, $3, $4, $5)";
    tx.exec(sql, &params![new.id, new.copy, &new.body, new.tries, new.due_at]).map(|_| ())
}

/// The first copy of a message.
pub(crate) fn notice(tx: &mut Tx<'_>, id: Id) -> Result<Option<Notice>, DbError> {
    let row = tx.query_opt("SELECT * FROM notice WHERE id = $1 AND copy = 0", &params![id])?;
    row.as_ref().map(read_notice).transpose()
}

/// Messages that are due, the oldest first.
pub(crate) fn notices_due(
    tx: &mut Tx<'_>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Notice>, DbError> {
    let sql = "SELECT * FROM notice WHERE due_at IS NOT NULL AND due_at <= $1 \
         ORDER BY due_at, id, copy LIMIT $2";
    tx.query(sql, &params![now, limit])?.iter().map(read_notice).collect()
}

/// When the next message is due.
pub(crate) fn next_notice(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, DbError> {
    let sql = "SELECT MIN(due_at) AS next FROM notice WHERE due_at IS NOT NULL";
    tx.query_opt(sql, &[])?.map_or(Ok(None), |row| row.get("next"))
}

/// The latest messages, newest first.
pub(crate) fn notices(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Notice>, DbError> {
    let sql = "SELECT * FROM notice ORDER BY id DESC, copy DESC LIMIT $1";
    tx.query(sql, &params![limit])?.iter().map(read_notice).collect()
}

/// Writes down a try.
pub(crate) fn note_try(tx: &mut Tx<'_>, after: &Notice) -> Result<(), DbError> {
    let sql = "UPDATE notice SET tries = $1, due_at = $2, answered = $3, delivered_at = $4 \
         WHERE id = $5 AND copy = $6";
    let values = params![
        after.tries,
        after.due_at,
        after.answered,
        after.delivered_at,
        after.id,
        after.copy,
    ];
    tx.exec(sql, &values).map(|_| ())
}

fn read_notice(row: &Row) -> Result<Notice, DbError> {
    Ok(Notice {
        id: row.get("id")?,
        copy: row.get("copy")?,
        body: row.get("body")?,
        tries: row.get("tries")?,
        due_at: row.get("due_at")?,
        answered: row.get("answered")?,
        delivered_at: row.get("delivered_at")?,
    })
}

/// Adds an authentication.
pub(crate) fn add_authentication(tx: &mut Tx<'_>, new: &Authentication) -> Result<(), DbError> {
    let values = params![
        new.id,
        &new.reference,
        new.amount.minor(),
        new.amount.currency(),
        &new.merchant,
        &new.return_url,
        &new.card.truncated,
        new.card.mac,
        &new.card.network,
        &new.result,
        &new.flow,
        new.obeys,
        new.at,
        new.local_at,
    ];
    tx.insert(&INSERT_AUTHENTICATION, values)
}

/// An authentication by the bank's name.
pub(crate) fn authentication(tx: &mut Tx<'_>, id: Id) -> Result<Option<Authentication>, DbError> {
    let row = tx.query_opt("SELECT * FROM authentication WHERE id = $1", &params![id])?;
    row.as_ref().map(read_authentication).transpose()
}

/// An authentication by the client's reference; counts the repeat.
pub(crate) fn repeat_authentication(
    tx: &mut Tx<'_>,
    reference: &str,
) -> Result<Option<Authentication>, DbError> {
    let sql = "UPDATE authentication SET repeats = repeats + 1 WHERE ref = $1 RETURNING *";
    let row = tx.query_opt(sql, &params![reference])?;
    row.as_ref().map(read_authentication).transpose()
}

/// Decides a challenge once.
pub(crate) fn decide(
    tx: &mut Tx<'_>,
    id: Id,
    result: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql =
        "UPDATE authentication SET result = $1, decided_at = $2 WHERE id = $3 AND result = 'C'";
    Ok(tx.exec(sql, &params![result, now, id])? == 1)
}

fn money(row: &Row) -> Result<Money, DbError> {
    Ok(Money::new(row.get("amount")?, row.get::<Currency>("currency")?))
}

fn trace(row: &Row) -> Result<CardTrace, DbError> {
    Ok(CardTrace {
        truncated: row.get("card")?,
        mac: row.get("card_mac")?,
        network: row.get("network")?,
    })
}

fn operation(row: &Row) -> Result<Operation, DbError> {
    let kind: String = row.get("kind")?;
    let takes: bool = row.get("takes_money")?;
    Ok(Operation {
        id: row.get("id")?,
        kind: Kind::parse(&kind).ok_or_else(|| DbError::Corrupt("operation.kind".into()))?,
        reference: row.get("ref")?,
        amount: money(row)?,
        state: State::parse(&row.get::<String>("state")?),
        code: row.get("code")?,
        number: row.get("number")?,
        chain: row.get("chain")?,
        card: trace(row)?,
        initiator: row.get("initiator")?,
        taking: if takes { Taking::Now } else { Taking::Later },
        late_from: row.get("late_from")?,
        captured: row.get("captured")?,
        voided: row.get("voided")?,
        refunded: row.get("refunded")?,
        at: row.get("at")?,
        local_at: row.get("local_at")?,
        repeats: row.get("repeats")?,
    })
}

fn read_authentication(row: &Row) -> Result<Authentication, DbError> {
    Ok(Authentication {
        id: row.get("id")?,
        reference: row.get("ref")?,
        amount: money(row)?,
        merchant: row.get("merchant")?,
        return_url: row.get("return_url")?,
        card: trace(row)?,
        result: row.get("result")?,
        flow: row.get("flow")?,
        obeys: row.get("obeys")?,
        at: row.get("at")?,
        local_at: row.get("local_at")?,
        repeats: row.get("repeats")?,
    })
}
