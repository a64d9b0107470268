//! What an operator watches.

use kernel::Mode;
use vault_wire::{ClockSet, Figures, FiguresGet, ModeFigures, Pace};

use super::house::{House, VAULT_KEY};

fn told(house: &House) -> (Figures, ModeFigures) {
    let figures = house.ask(&FiguresGet {}).unwrap();
    let test = figures.modes.iter().find(|one| one.mode == Mode::Test).unwrap().clone();
    (figures, test)
}

#[test]
fn v_158_figures_follow_what_happens_and_name_nobody() {
    let house = House::open();
    let (before, shops) = told(&house);
    let stored = |figures: &Figures| {
        let times = &figures.stored;
        times.classes.iter().map(|(_, count)| count).sum::<u64>() + times.longer
    };
    assert_eq!((shops.cards.get("active"), before.codes_in_memory), (None, 0));
    let card = house.card("4242424242424242", |_| ()).card;
    house.card("5555555555554444", |_| ());
    let (after, shops) = told(&house);
    assert_eq!((shops.cards["active"], after.codes_in_memory), (2, 2));
    assert!(stored(&after) >= stored(&before) + 2, "{after:?}");
    assert!(after.stored.sum_micros > before.stored.sum_micros);
    assert!(after.log_size >= before.log_size + 2, "{after:?}");
    assert_eq!((shops.due_cards, shops.reveals, shops.pins_locked), (0, 0, 0));
    for key in ["property_number", "property_code", "fingerprint", "epoch_number", "log"] {
        assert_eq!(after.key_age_days.get(key), Some(&0), "{key}: {:?}", after.key_age_days);
    }
    house.relay(card.token, "op_1").unwrap();
    house.ask(&vault_wire::CardDelete { card: card.token }).unwrap();
    let (after, shops) = told(&house);
    assert_eq!((shops.cards["active"], shops.cards["purged"], after.codes_in_memory), (1, 1, 1));

    let mut shop = house.shop();
    shop.vault_keys[0].ips = vec!["192.0.2.0/24".into()];
    house.ask(&shop).unwrap();
    let bearer = format!("Bearer {VAULT_KEY}");
    let headers = [("authorization", bearer.as_str())];
    let refused = house.send(&format!("GET /v1/cards/{} HTTP/1.1\r\n", card.token), &headers, "");
    assert_eq!(refused.status, 403);
    assert!(told(&house).0.denied_addresses > before.denied_addresses, "counted by the process");

    let year = kernel::Timestamp::parse_rfc3339("2027-12-01T00:00:00Z").unwrap();
    let clock = ClockSet { shop: house.scope.shop, now: Some(year), pace: Pace::Frozen };
    house.ask(&clock).unwrap();
    let (after, shops) = told(&house);
    assert_eq!((shops.due_cards, shops.sweeper_lag_seconds), (0, 0), "swept with the clock");
    let text = serde_json::to_string(&after).unwrap();
    for name in ["4242", "5555", "Tuffeaux", &house.scope.merchant.to_string()] {
        assert!(!text.contains(name), "{name}: {text}");
    }
}
