//! Who asks the vault: a program that stores cards, the app that charges them, people who see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kernel::CardToken;
use serde_json::json;
use vault_wire::{RelayCall, VaultClient, WireScope};

use super::Callers;
use super::desks::{Desk, Desks, typed};
use super::stand::{self, NUMBER, Stand};
use crate::Outcome;
use crate::callers::Caller;
use crate::wire::Wire;

/// Cards that the app charges in turn.
const CARDS: usize = 64;

/// Names that come once.
#[derive(Clone, Default)]
struct Names(Arc<AtomicU64>);

impl Names {
    fn next(&self, lead: &str) -> String {
        format!("{lead}-{}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// Cards are stored.
pub(super) struct Storing<'s> {
    stand: &'s Stand,
    names: Names,
}

impl<'s> Storing<'s> {
    pub(super) fn new(stand: &'s Stand) -> Self {
        Self { stand, names: Names::default() }
    }
}

/// A program that stores one card after the other.
pub(super) struct Program {
    wire: Wire,
    scope: WireScope,
    names: Names,
}

impl Caller for Program {
    async fn call(&mut self) -> Outcome<()> {
        let name = self.names.next("STORE");
        stand::store(&mut self.wire, &self.scope, &name).await.map(|_| ())
    }
}

impl Callers for Storing<'_> {
    type One = Program;

    async fn callers(&self, count: u32) -> Outcome<Vec<Program>> {
        let mut programs = Vec::new();
        for _ in 0..count {
            let (scope, names) = (self.stand.scope.clone(), self.names.clone());
            programs.push(Program { wire: self.stand.wire(&scope).await?, scope, names });
        }
        Ok(programs)
    }
}

/// Cards are used through the relay.
pub(super) struct Using<'s> {
    stand: &'s Stand,
    cards: Vec<CardToken>,
    names: Names,
}

impl<'s> Using<'s> {
    /// Stores the cards first.
    pub(super) async fn new(stand: &'s Stand) -> Outcome<Self> {
        let mut wire = stand.wire(&stand.scope).await?;
        let mut cards = Vec::new();
        for number in 0..CARDS {
            let name = format!("USED-{number}");
            cards.push(stand::store(&mut wire, &stand.scope, &name).await?.parse()?);
        }
        Ok(Self { stand, cards, names: Names::default() })
    }
}

/// A worker of the app that charges one card again and again.
pub(super) struct Charger {
    client: VaultClient,
    scope: WireScope,
    call: RelayCall,
    names: Names,
}

impl Caller for Charger {
    async fn call(&mut self) -> Outcome<()> {
        self.call.idempotency = self.names.next("USE");
        self.call.args.insert("ref".into(), self.call.idempotency.clone().into());
        let answer = self.client.ask(&self.scope, &self.call).await?;
        if answer.http_status == 200 {
            return Ok(());
        }
        Err(format!("a call of the relay was answered with {}", answer.http_status).into())
    }
}

impl Callers for Using<'_> {
    type One = Charger;

    async fn callers(&self, count: u32) -> Outcome<Vec<Charger>> {
        let args = json!({
            "ref": "", "amount": 8_400, "currency": "EUR", "initiator": "payer",
            "chain": "", "authentication": "", "capture": "now",
        });
        let charger = |card: &CardToken| -> Outcome<Charger> {
            let call = RelayCall {
                template: "sandbox.authorise".into(),
                card: *card,
                args: serde_json::from_value(args.clone())?,
                use_code: false,
                code_follows: false,
                idempotency: String::new(),
            };
            let (client, scope) = (self.stand.client(), self.stand.scope.clone());
            Ok(Charger { client, scope, call, names: self.names.clone() })
        };
        self.cards.iter().cycle().take(usize::try_from(count)?).map(charger).collect()
    }
}

/// Numbers are shown.
pub(super) struct Seeing<'s> {
    stand: &'s Stand,
    people: usize,
}

impl<'s> Seeing<'s> {
    pub(super) const fn new(stand: &'s Stand, people: usize) -> Self {
        Self { stand, people }
    }
}

/// Whoever sits down at a free desk and sees a number there.
pub(super) struct Viewer {
    client: VaultClient,
    wire: Wire,
    origin: String,
    desks: Desks,
}

impl Viewer {
    async fn see(&mut self, desk: &Desk) -> Outcome<()> {
        let link = self.client.ask(&desk.scope, &desk.wish()).await?;
        let path = link.url.strip_prefix(&self.origin).ok_or("not an address of the vault")?;
        let (_, page) = self.wire.browse(path, None).await?;
        let form = typed(&page)?;
        let (status, page) = self.wire.browse(path, Some(form)).await?;
        if status == 200 && page.contains(NUMBER) {
            return Ok(());
        }
        Err(format!("a number was not shown: {status}").into())
    }
}

impl Caller for Viewer {
    async fn call(&mut self) -> Outcome<()> {
        let desk = self.desks.take()?;
        let seen = self.see(&desk).await;
        self.desks.give_back(desk);
        seen
    }
}

impl Callers for Seeing<'_> {
    type One = Viewer;

    async fn callers(&self, count: u32) -> Outcome<Vec<Viewer>> {
        let desks = Desks::open(self.stand, self.people).await?;
        let mut viewers = Vec::new();
        for _ in 0..count {
            let (client, wire) = (self.stand.client(), self.stand.wire(&self.stand.scope).await?);
            let origin = self.stand.origin.clone();
            viewers.push(Viewer { client, wire, origin, desks: desks.clone() });
        }
        Ok(viewers)
    }
}
