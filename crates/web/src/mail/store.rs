//! The table of messages.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{Mode, Scope, Timestamp};

use super::{Channel, Mail, Sent};

static MAIL: Insert = Insert {
    table: "mail",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "kind",
        "recipient",
        "subject",
        "body",
        "link",
        "object",
        "at",
    ],
};
const COLUMNS: &str = "id, merchant_id, mode, kind, recipient, subject, body, link, object, at";

/// Queues a message in the commit of what it tells.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn send(tx: &mut Tx<'_>, scope: &Scope, mail: &Mail, now: Timestamp) -> Result<(), DbError> {
    let kind = match mail.channel {
        Channel::Mail => "mail",
        Channel::Sms => "sms",
    };
    tx.insert(
        &MAIL,
        params![
            mail.id,
            scope.merchant(),
            scope.mode().as_str(),
            mail.shop,
            kind,
            &mail.to,
            &mail.subject,
            &mail.text,
            mail.link.clone(),
            &mail.object,
            now,
        ],
    )
}

/// Messages about one object, oldest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_object(tx: &mut Tx<'_>, scope: &Scope, object: &str) -> Result<Vec<Sent>, DbError> {
    let sql =
        format!("SELECT {COLUMNS} FROM mail WHERE merchant_id = $1 AND object = $2 ORDER BY id");
    tx.query(&sql, &params![scope.merchant(), object])?.iter().map(read).collect()
}

/// The newest messages of all merchants, for the inbox of the demo.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn latest(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Sent>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM mail ORDER BY id DESC LIMIT $1");
    tx.query(&sql, &params![limit])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Sent, DbError> {
    let mode: String = row.get("mode")?;
    let kind: String = row.get("kind")?;
    Ok(Sent {
        id: row.get("id")?,
        merchant: row.get("merchant_id")?,
        mode: Mode::parse(&mode).ok_or_else(|| DbError::Corrupt("mode".into()))?,
        channel: if kind == "sms" { Channel::Sms } else { Channel::Mail },
        to: row.get("recipient")?,
        subject: row.get("subject")?,
        text: row.get("body")?,
        link: row.get("link")?,
        object: row.get("object")?,
        at: row.get("at")?,
    })
}
