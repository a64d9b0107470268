//! Who saw a card: what the vault's log says of it, for its holder and for programs.
//!
//! **What it is.** Everything that happens to a card is an entry of the vault's log, written in the
//! commit of what it tells. Here the entries of one card are read with their proofs, the people in
//! them get a role and initials, and each becomes a sentence.
//!
//! **Always true.** Every entry of the card is shown, up to some 6,000, the oldest first; where there
//! are more, page and file say so. Nobody here chooses, and a kind of entry that
//! has no sentence yet is shown by its name. What a guest sees of staff is a role and initials, of
//! addresses the network (/24, /48); both are bound by the entry's commitment, so that a stranger can
//! check them without being told more. A page that cannot be proved says so.
//!
//! **Limits.** Role and initials of who charged a card stand in no entry: they are those of the
//! person today. Details are erased after 13 months, entries never.

pub mod api;
pub mod describe;
pub mod view;

use std::collections::BTreeMap;

use db::{DbError, Tx};
use identity::users::people;
use kernel::{CardToken, Currency, Money, Scope, ShopId, Timestamp, UserId};
use serde::Deserialize;
use serde_json::{Value, json};
use vault_wire::proof::{CARD_FILE_FORM, CardFile};
use vault_wire::{CardLife, GrantList, LogOfCard, ProvedEntry, ReceiptsList, WireError, WireScope};

use crate::engine::Engine;

/// Words that guests read.
pub const SLICE: web::Slice = web::Slice {
    name: "accesses",
    migrations: &[],
    messages: http::payer_words!("messages"),
    menu: &[],
};
/// Parts of the log that one page or file gathers; each has hundreds of entries.
const MOST_PARTS: usize = 20;
/// How a file is checked, for whoever opens it.
const HOW: &str = "Check it without us: guichet vault log check FILE. The steps are written down in \
    docs/operations/card-log.md: SHA-256, a path of RFC 6962, an Ed25519 signature.";

/// One thing that happened to a card.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// When, by the shop's clock.
    pub at: Timestamp,
    /// The vault's word for it.
    pub event: String,
    /// Whether it was done, or refused.
    pub done: bool,
    /// Who: `usr_…`, `ptn_…`, `key_…`, `api`, `payer`, `clock`.
    pub actor: String,
    /// Why, as a word.
    pub purpose: String,
    /// What else is told; nothing once it was erased.
    pub details: Value,
    /// The entry with its proof.
    pub proved: ProvedEntry,
}

#[derive(Deserialize)]
struct Said {
    at: String,
    event: String,
    ok: bool,
    actor: String,
    purpose: String,
}

impl Access {
    /// Reads an entry; nothing for one that is not in the vault's form.
    #[must_use]
    pub fn read(proved: ProvedEntry) -> Option<Self> {
        let said: Said = serde_json::from_str(&proved.entry).ok()?;
        let details = proved.details.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Some(Self {
            at: Timestamp::parse_rfc3339(&said.at).ok()?,
            event: said.event,
            done: said.ok,
            actor: said.actor,
            purpose: said.purpose,
            details: details.unwrap_or_default(),
            proved,
        })
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.details.get(name)?.as_str()
    }

    /// The sum that was asked of a bank.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        let currency: Currency = self.word("currency")?.parse().ok()?;
        Some(Money::new(self.details.get("amount")?.as_i64()?, currency))
    }

    /// The network it came from.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.word("origin")
    }

    /// What the bank answered.
    #[must_use]
    pub fn result(&self) -> Option<&str> {
        self.word("result")
    }
}

/// Who acted, as far as a guest may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The holder of the card.
    Payer,
    /// The vault by itself.
    Vault,
    /// A program of the property.
    Program,
    /// A software vendor, with the name the property knows.
    Partner(String),
    /// A person.
    Person {
        /// His role at the property, if he still has one.
        role: Option<String>,
        /// `C. M.`; empty when nobody knows.
        initials: String,
    },
}

impl Actor {
    /// The word of the API.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::Vault => "vault",
            Self::Program => "program",
            Self::Partner(_) => "partner",
            Self::Person { .. } => "person",
        }
    }
}

/// Names of people and partners that entries speak of.
#[derive(Debug, Clone, Default)]
pub struct Known {
    people: BTreeMap<String, (Option<String>, String)>,
    partners: BTreeMap<String, String>,
}

impl Known {
    /// Who acted in an entry.
    #[must_use]
    pub fn actor(&self, access: &Access) -> Actor {
        let by = access.word("partner").unwrap_or(&access.actor);
        match by.split('_').next() {
            Some("payer") => Actor::Payer,
            Some("clock" | "operator") => Actor::Vault,
            Some("ptn") => {
                let name = self.partners.get(by);
                Actor::Partner(name.cloned().unwrap_or_else(|| by.to_owned()))
            }
            Some("key" | "api") => Actor::Program,
            _ => {
                let known = self.people.get(by);
                let role = known.and_then(|(role, _)| role.clone());
                let initials = access.word("initials").map(str::to_owned);
                let initials = initials.or_else(|| known.map(|(_, initials)| initials.clone()));
                Actor::Person { role, initials: initials.unwrap_or_default() }
            }
        }
    }
}

/// `Claire Martin` → `C. M.`
fn initials(name: &str) -> String {
    let words = name.split(|c: char| c.is_whitespace() || c == '-');
    let letters = words.filter_map(|word| word.chars().find(|c| c.is_alphabetic())).take(3);
    letters.map(|c| format!("{}.", c.to_uppercase())).collect::<Vec<_>>().join(" ")
}

/// What the log says of a card, with what its people are called.
#[derive(Debug, Clone)]
pub struct Told {
    /// The file for whoever checks it.
    pub file: CardFile,
    /// Oldest first.
    pub accesses: Vec<Access>,
    /// Who is who.
    pub known: Known,
}

impl Engine {
    /// What the log says of a card, destroyed or not, in one part that starts at an entry; under the
    /// present head unless its size is given.
    ///
    /// # Errors
    /// [`WireError`]: the shop has no such card, or the vault gives no answer.
    pub async fn card_life(
        &self,
        wire: &WireScope,
        (card, from, size): (CardToken, u64, Option<u64>),
    ) -> Result<CardLife, WireError> {
        self.vault.ask(wire, &LogOfCard { card, from, size }).await
    }

    /// Everything that the log says of a card; its file says where that was too much.
    ///
    /// # Errors
    /// [`WireError`].
    pub async fn told_of(
        &self,
        scope: &Scope,
        (shop, card): (ShopId, CardToken),
    ) -> Result<Told, WireError> {
        let wire = WireScope::of(scope, shop);
        let mut life = self.card_life(&wire, (card, 0, None)).await?;
        for _ in 1..MOST_PARTS {
            let Some(from) = life.next else { break };
            // Proofs of two heads do not go together, and the log may have grown.
            let size = Some(life.checkpoint.size);
            let more = self.card_life(&wire, (card, from, size)).await?;
            life.entries.extend(more.entries);
            life.next = more.next;
        }
        let receipts = self.vault.ask(&wire, &ReceiptsList { card }).await?.receipts;
        let accesses: Vec<Access> = life.entries.iter().cloned().filter_map(Access::read).collect();
        let known = self.known_in(scope, (&wire, &accesses)).await;
        let file = CardFile {
            form: CARD_FILE_FORM.into(),
            how: HOW.into(),
            card: card.to_string(),
            key: life.checkpoint.key,
            former: life.checkpoint.former,
            checkpoint: life.checkpoint.note,
            complete: life.next.is_none(),
            entries: life.entries,
            receipts,
        };
        Ok(Told { file, accesses, known })
    }

    /// What people and partners are called; those that cannot be looked up have no name.
    async fn known_in(&self, scope: &Scope, (wire, accesses): (&WireScope, &[Access])) -> Known {
        let mut known = Known::default();
        let actors: Vec<UserId> =
            accesses.iter().filter_map(|access| access.actor.parse().ok()).collect();
        let scope = scope.clone();
        let read = move |tx: &mut Tx<'_>| -> Result<_, DbError> {
            let mut people = BTreeMap::new();
            for id in actors {
                if let Some(found) = people::find(tx, &scope, id)? {
                    let role = found.assignments.first().map(|given| given.role.clone());
                    people.insert(id.to_string(), (role, initials(&found.user.name)));
                }
            }
            Ok(people)
        };
        match self.ctx.db.read(read).await {
            Ok(people) => known.people = people,
            Err(error) => tracing::warn!(%error, "who is in the log"),
        }
        let partner =
            |access: &Access| access.actor.starts_with("ptn_") || access.word("partner").is_some();
        if accesses.iter().any(partner) {
            match self.vault.ask(wire, &GrantList {}).await {
                Ok(told) => {
                    let names = told.grants.into_iter();
                    known.partners =
                        names.map(|grant| (grant.partner.to_string(), grant.company)).collect();
                }
                Err(error) => tracing::warn!(%error, "partners in the log"),
            }
        }
        known
    }
}

/// An entry as the API tells it.
#[must_use]
pub fn told_json(access: &Access, known: &Known) -> Value {
    let actor = known.actor(access);
    let (role, initials, name) = match &actor {
        Actor::Person { role, initials } => (role.clone(), Some(initials.clone()), None),
        Actor::Partner(name) => (None, None, Some(name.clone())),
        Actor::Payer | Actor::Vault | Actor::Program => (None, None, None),
    };
    let amount = access
        .amount()
        .map(|sum| json!({ "amount": sum.minor(), "currency": sum.currency().code() }));
    json!({
        "seq": access.proved.seq,
        "at": access.at,
        "event": access.event,
        "ok": access.done,
        "purpose": access.purpose,
        "actor": { "kind": actor.kind(), "role": role, "initials": initials, "name": name },
        "origin": access.origin(),
        "amount": amount,
        "result": access.result(),
        "salt": access.proved.salt,
        "details": access.proved.details,
    })
}
