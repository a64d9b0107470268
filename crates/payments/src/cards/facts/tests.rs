//! The log of the vault, told once each.

use std::collections::BTreeMap;

use db::outbox::{self, Event};
use db::{Route, Tx};
use kernel::{CardToken, Mode};
use serde_json::json;
use vault_wire::{LogEntry, LogPage};

use super::store::Place;
use super::{door, store, tell};
use crate::checkout::tests::house::Shop;

struct Log {
    shop: Shop,
    card: CardToken,
}

impl Log {
    fn entry(
        &self,
        seq: u64,
        (event, ok): (&str, bool),
        (card, seconds_ago): (bool, i64),
    ) -> LogEntry {
        let at = self.shop.now().plus_seconds(-seconds_ago);
        let entry = json!({
            "v": 1, "seq": seq, "at": at, "event": event, "ok": ok,
            "merchant": self.shop.house.hotel.scope.merchant(),
            "shop": self.shop.house.hotel.shop.id,
            "card": card.then_some(self.card), "actor": "usr_claire", "purpose": "guarantee",
            "commit": "00",
        });
        let details = json!({"name": "Claire", "ip": "192.0.2.7", "booking": "bkg_1"});
        LogEntry {
            seq,
            entry: entry.to_string(),
            salt: None,
            details: Some(details.to_string()),
            single_use: false,
        }
    }

    async fn told(&self, place: Option<Place>, entries: &[LogEntry]) -> bool {
        let hotel = &self.shop.house.hotel;
        let shops = BTreeMap::from([(hotel.shop.id, hotel.scope.mode())]);
        let (engine, merchant) = (self.shop.engine.clone(), hotel.scope.merchant());
        let size = entries.last().map_or(0, |last| last.seq + 1);
        let page = LogPage { entries: entries.to_vec(), size };
        let unit = move |tx: &mut Tx<'_>| tell(tx, &engine, (merchant, &shops), (place, &page));
        self.shop.house.ctx.db.write(Route::any(), unit).await.unwrap()
    }

    async fn events(&self) -> Vec<Event> {
        let (scope, shop) = (self.shop.house.hotel.scope.clone(), self.shop.house.hotel.shop.id);
        let read = move |tx: &mut Tx<'_>| outbox::latest(tx, &scope, shop, None, 50);
        self.shop.house.ctx.db.read(read).await.unwrap()
    }
}

#[tokio::test]
async fn v_42_each_entry_of_the_vaults_log_is_told_once_and_nothing_of_its_details() {
    let shop = Shop::open().await;
    let card = CardToken::random(shop.house.ctx.rng.as_ref());
    let log = Log { shop, card };
    let known = [
        ("card.stored", true, "card.stored"),
        ("card.attached", true, "card.attached"),
        ("card.revealed", true, "card.revealed"),
        ("code.destroyed", true, "card.code_destroyed"),
        ("pin.try", false, "reveal.refused"),
        ("link.opened", false, "reveal.refused"),
        ("link.used", false, "reveal.refused"),
        ("card.purged", true, "card.purged"),
        ("card.deleted", true, "card.purged"),
        ("link.opened", true, ""),
        ("pin.try", true, ""),
        ("relay.called", true, ""),
        ("settings.changed", true, ""),
    ];
    let at = |next| Place { next, old_until: Some(0) };
    let mut entries: Vec<LogEntry> =
        (0_u64..).zip(known).map(|(seq, one)| log.entry(seq, (one.0, one.1), (true, 0))).collect();
    let next = u64::try_from(entries.len()).unwrap();
    entries.push(log.entry(next, ("pin.locked", true), (false, 0)));
    assert!(log.told(None, &entries).await);
    assert!(!log.told(None, &entries).await, "another process was here");
    assert!(
        log.told(Some(at(next + 1)), &[log.entry(next + 1, ("card.revealed", true), (true, 0))])
            .await
    );
    let mut told: Vec<String> = log.events().await.into_iter().map(|event| event.kind).collect();
    told.sort();
    let mut wanted: Vec<&str> =
        known.iter().map(|one| one.2).filter(|kind| !kind.is_empty()).collect();
    wanted.extend(["pin.locked", "card.revealed"]);
    wanted.sort_unstable();
    assert_eq!(told, wanted);
    for event in log.events().await {
        let body = event.body.to_string();
        assert!(!body.contains("192.0.2.7") && !body.contains("Claire"), "{body}");
        assert_eq!(body.contains("bkg_1"), event.kind == "card.attached", "{body}");
        let of = if event.kind == "pin.locked" { "usr_claire".into() } else { card.to_string() };
        assert_eq!((event.object, event.mode), (of, Mode::Test));
    }
    let scope = log.shop.house.hotel.scope.clone();
    let read = move |tx: &mut Tx<'_>| store::place(tx, &scope);
    assert_eq!(log.shop.house.ctx.db.read(read).await.unwrap(), Some(at(next + 2)));
}

#[test]
fn p_86_an_event_of_a_card_says_through_which_door_its_actor_came() {
    let doors = [
        ("payer", "page"),
        ("usr_01", "desk"),
        ("api", "api"),
        ("key_01", "api"),
        ("clock", "clock"),
    ];
    for (actor, told) in doors {
        assert_eq!(door(actor), told, "{actor}");
    }
}
