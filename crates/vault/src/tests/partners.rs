//! Partners: an application, keys, what a property grants, and how often.

use db::{Db, DbError, DbOptions};
use kernel::{Mode, PartnerId};
use serde_json::{Value, json};
use vault_wire::{
    CardFilter, GrantEnd, GrantList, GrantPut, PartnerDecide, PartnerDecision, PartnerGet,
    PartnerKeyEnd, PartnerKeyMade, PartnerKeyMake, PartnerList, PartnerQuotas, PartnerRefusal,
    PartnerScope, PartnerState,
};

use super::house::{House, Reply};
use crate::card::listing::Wanted;

/// The end of evidence: always within a year of the real day.
fn evidence_until() -> String {
    use kernel::Clock as _;
    let now = kernel::time::SystemClock.now();
    kernel::time::plus_days(kernel::Zone::paris().date(now), 200).to_string()
}

pub(super) fn application() -> Value {
    let contact = |name: &str| json!({ "name": name, "email": format!("{name}@pms.example"), "phone": "+33 2 41 50 12 34" });
    json!({
        "company": "Exemple PMS", "siren": "732829320",
        "security_contact": contact("securite"), "technical_contact": contact("technique"),
        "purpose": "Hotels charge no-shows from our planning.",
        "scopes": ["cards.write", "cards.read", "cards.delete", "reveal.link", "viewers", "proxy"],
        "volumes": { "cards_stored": 500, "reveals": 100, "debits": 100 },
        "ips": ["127.0.0.1/32"], "frame_origins": ["https://pms.example.com"],
        "evidence": { "kind": "saq", "level": "SAQ D", "until": evidence_until() },
    })
}

pub(super) fn apply(house: &House, body: &Value) -> Reply {
    let kind = [("content-type", "application/json")];
    house.send("POST /v1/partner_applications HTTP/1.1\r\n", &kind, &body.to_string())
}

/// A partner with a test key.
pub(super) fn partner(house: &House) -> (PartnerId, String) {
    let applied = apply(house, &application());
    assert_eq!(applied.status, 201, "{}", applied.body);
    let told = applied.json();
    (told["id"].as_str().unwrap().parse().unwrap(), told["test_key"].as_str().unwrap().to_owned())
}

pub(super) fn grant(house: &House, partner: PartnerId, scopes: &[PartnerScope]) {
    house.ask(&GrantPut { partner, scopes: scopes.to_vec() }).unwrap();
}

pub(super) fn call(house: &House, key: &str, line: &str, body: &Value) -> Reply {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "k")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    house.send(&format!("{line} HTTP/1.1\r\n"), &headers, &body)
}

fn add(house: &House, key: &str, name: &str) -> Reply {
    let body = json!({
        "shop": house.scope.shop, "booking": name, "customer": null,
        "card": { "number": "5207000000000000", "exp_month": 6, "exp_year": 2030 },
        "virtual": null, "three_ds": null, "source": null,
    });
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", name)];
    house.send("POST /v1/cards HTTP/1.1\r\n", &headers, &body.to_string())
}

pub(super) fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn decide(
    house: &House,
    partner: PartnerId,
    decision: PartnerDecision,
) -> Result<PartnerState, String> {
    let decided = house.ask(&PartnerDecide { partner, decision, by: "usr_o".into() });
    decided.map(|told| told.status).map_err(|why| why.code().unwrap_or_default().to_owned())
}

fn key(house: &House, partner: PartnerId, mode: Mode) -> Result<PartnerKeyMade, String> {
    let made = house.ask(&PartnerKeyMake { partner, mode, by: "usr_o".into() });
    made.map_err(|why| why.code().unwrap_or_default().to_owned())
}

/// Rows of a table, as it stands.
fn count(house: &House, rows: &'static str) -> i64 {
    let db = Db::open(&DbOptions::at(crate::place(&house.config)), &[crate::MIGRATIONS]).unwrap();
    let sql = format!("SELECT COUNT(*) AS found FROM {rows}");
    let read = db.read_blocking::<_, DbError, _>(move |tx| tx.query_opt(&sql, &[]));
    read.unwrap().unwrap().get("found").unwrap()
}

#[test]
fn v_109_v_112_ve_22_a_partner_has_a_test_key_at_once_and_sees_what_is_granted() {
    let mut house = House::open();
    let (id, test_key) = partner(&house);
    assert!(test_key.starts_with("vk_test_") && test_key.len() == 60, "{}", test_key.len());
    let shop = house.scope.shop;
    assert_eq!(code(&add(&house, &test_key, "B1")), (403, "not_granted".into()));
    assert_eq!(house.ask(&GrantList {}).unwrap().grants, []);

    grant(&house, id, &[PartnerScope::CardsWrite, PartnerScope::CardsRead]);
    let added = add(&house, &test_key, "B1");
    assert_eq!(added.status, 201, "{}", added.body);
    let token = added.json()["token"].as_str().unwrap().to_owned();
    let look = format!("GET /v1/cards/{token}");
    assert_eq!(call(&house, &test_key, &look, &Value::Null).status, 200);
    let list = |booking: &str| {
        let line = format!("GET /v1/cards?shop={shop}&booking={booking}");
        call(&house, &test_key, &line, &Value::Null)
    };
    assert_eq!(list("B1").json()["data"][0]["token"], token.as_str());
    assert_eq!(list("B2").json()["data"], json!([]));
    let delete = format!("DELETE /v1/cards/{token}");
    assert_eq!(code(&call(&house, &test_key, &delete, &Value::Null)), (404, "not_found".into()));
    let granted = house.ask(&GrantList {}).unwrap().grants.remove(0);
    assert_eq!((granted.partner, granted.company.as_str()), (id, "Exemple PMS"));
    assert!(granted.last_used_at.is_some());

    house.kill();
    house.start();
    assert_eq!(call(&house, &test_key, &look, &Value::Null).status, 200, "kept over a restart");
    house.ask(&GrantEnd { partner: id }).unwrap();
    assert_eq!(code(&call(&house, &test_key, &look, &Value::Null)), (404, "not_found".into()));
    assert_eq!(code(&list_of(&house, &test_key)), (403, "not_granted".into()), "at once");
    let gone = house.ask(&GrantEnd { partner: id }).unwrap_err();
    assert_eq!(gone.code(), Some("not_found"));
    let page = house.ask(&vault_wire::LogEntries { from: 0, limit: 100, card: None }).unwrap();
    let told = |what: &str| page.entries.iter().filter(|one| one.entry.contains(what)).count();
    assert_eq!((told("grant.given"), told("grant.withdrawn")), (1, 1));
    assert_eq!(told(&format!("\"actor\":\"{id}\"")), 1, "the card that he stored");
    let stored = house.files_with(&test_key);
    assert!(stored.is_empty(), "a key is nowhere: {stored:?}");
}

fn list_of(house: &House, key: &str) -> Reply {
    let line = format!("GET /v1/cards?shop={}", house.scope.shop);
    call(house, key, &line, &Value::Null)
}

#[test]
fn v_110_every_wrong_field_of_an_application_is_named_at_once() {
    let house = House::open();
    let mut wrong = application();
    wrong["siren"] = "732829321".into();
    wrong["purpose"] = "short".into();
    wrong["ips"] = json!(["10.0.0.0/8", "127.0.0.1"]);
    wrong["frame_origins"] = json!(["https://*.example.com"]);
    wrong["evidence"]["until"] = "2020-01-01".into();
    wrong["technical_contact"]["email"] = "securite@pms.example".into();
    let refused = apply(&house, &wrong);
    assert_eq!(code(&refused), (422, "invalid_field".into()));
    let problem = refused.json();
    let paths: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap()).collect();
    let wanted = [
        "$.siren",
        "$.technical_contact.email",
        "$.purpose",
        "$.ips[0]",
        "$.frame_origins[0]",
        "$.evidence.until",
    ];
    assert_eq!(paths, wanted);
    let mut hostile = application();
    hostile["company"] = "PMS\u{202e}elpmexe".into();
    hostile["vat"] = "x".into();
    hostile["security_contact"]["name"] = "4242 4242 4242 4242".into();
    hostile["security_contact"]["phone"] = "4242-4242-4242-42".into();
    hostile["technical_contact"]["phone"] = format!("0241501234{}", " ".repeat(40)).into();
    hostile["technical_contact"]["email"] = "4242424242424242@pms.example".into();
    hostile["purpose"] = "Hotels charge no-shows\nfrom our planning.".into();
    hostile["scopes"] = json!(["cards.read", "cards.read"]);
    let problem = apply(&house, &hostile).json();
    let told: Vec<(&str, &str)> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["path"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    let wanted = [
        ("$.company", "invalid_field"),
        ("$.vat", "invalid_field"),
        ("$.security_contact.name", "pan_in_wrong_field"),
        ("$.security_contact.phone", "pan_in_wrong_field"),
        ("$.technical_contact.email", "pan_in_wrong_field"),
        ("$.technical_contact.phone", "invalid_field"),
        ("$.purpose", "invalid_field"),
        ("$.scopes", "invalid_field"),
    ];
    assert_eq!(told, wanted);
    let mut unknown = application();
    unknown["contact"] = "x".into();
    assert_eq!(code(&apply(&house, &unknown)), (422, "unknown_field".into()));
    let headers = [("sec-fetch-site", "cross-site")];
    let line = "POST /v1/partner_applications HTTP/1.1\r\n";
    let posted = house.send(line, &headers, &application().to_string());
    assert_eq!(posted.status, 403, "no page of another site applies");
    assert!(house.ask(&PartnerList {}).unwrap().partners.is_empty());
    for _ in 0..2 {
        assert_eq!(apply(&house, &application()).status, 201);
    }
    let many = apply(&house, &application());
    assert_eq!(code(&many), (429, "quota".into()), "five tries of one address in an hour");
    assert!(!many.header("retry-after").is_empty());
}

#[test]
fn v_109_the_operator_decides_and_a_live_key_comes_after_that() {
    let house = House::open();
    let (local, _) = partner(&house);
    assert_eq!(key(&house, local, Mode::Live).unwrap_err(), "partner_state");
    assert_eq!(decide(&house, local, PartnerDecision::Review), Ok(PartnerState::InReview));
    let approve = || PartnerDecision::Approve { quotas: None };
    assert_eq!(decide(&house, local, approve()).unwrap_err(), "ip_reserved");

    let mut public = application();
    public["ips"] = json!(["8.8.8.0/24"]);
    public["siren"] = Value::Null;
    public["vat"] = "FR40303265045".into();
    let told = apply(&house, &public).json();
    let id: PartnerId = told["id"].as_str().unwrap().parse().unwrap();
    let test_key = told["test_key"].as_str().unwrap();
    assert_eq!(code(&list_of(&house, test_key)), (403, "ip_not_allowed".into()));
    assert_eq!(decide(&house, id, approve()), Ok(PartnerState::Approved));
    let live = key(&house, id, Mode::Live).unwrap();
    assert!(live.key.starts_with("vk_live_"));
    let shown = house.ask(&PartnerGet { partner: id }).unwrap();
    assert_eq!((shown.status, shown.keys.len()), (PartnerState::Active, 2));
    assert_eq!(code(&list_of(&house, &live.key)), (403, "ip_not_allowed".into()));
    let second = key(&house, id, Mode::Live).unwrap();
    assert_eq!(key(&house, id, Mode::Live).unwrap_err(), "key_limit");
    let end = PartnerKeyEnd { partner: id, key: live.id, by: "usr_o".into() };
    house.ask(&end).unwrap();
    assert_eq!(code(&list_of(&house, &live.key)), (401, "unauthorized".into()));
    assert_eq!(code(&list_of(&house, &second.key)), (403, "ip_not_allowed".into()));
    key(&house, id, Mode::Live).unwrap();

    let refuse = PartnerDecision::Refuse { code: PartnerRefusal::VolumeLow };
    assert_eq!(decide(&house, local, refuse), Ok(PartnerState::Refused));
    let told = house.ask(&PartnerGet { partner: local }).unwrap();
    assert_eq!(told.because.as_deref(), Some("volume_low"));
    assert_eq!(code(&apply(&house, &application())), (409, "application_too_soon".into()));
    let revoke = PartnerDecision::Revoke { reason: "Contract ended".into() };
    assert_eq!(decide(&house, id, revoke), Ok(PartnerState::Revoked));
    assert_eq!(code(&list_of(&house, &second.key)), (401, "unauthorized".into()));
    assert_eq!(decide(&house, id, PartnerDecision::Resume).unwrap_err(), "partner_state");
    let late = house.ask(&GrantPut { partner: id, scopes: vec![PartnerScope::CardsRead] });
    assert_eq!(late.unwrap_err().code(), Some("not_found"));
}

/// A partner who may call from here, approved for it with quotas.
fn approved(house: &House, quotas: PartnerQuotas) -> (PartnerId, String) {
    let mut both = application();
    both["ips"] = json!(["127.0.0.1/32", "8.8.8.8/32"]);
    let told = apply(house, &both).json();
    let id: PartnerId = told["id"].as_str().unwrap().parse().unwrap();
    let approve = PartnerDecision::Approve { quotas: Some(quotas) };
    assert_eq!(decide(house, id, approve), Ok(PartnerState::Approved));
    (id, told["test_key"].as_str().unwrap().to_owned())
}

#[test]
fn v_114_v_159_too_many_calls_are_told_when_to_come_back() {
    let house = House::open();
    let quotas = PartnerQuotas { cards_per_minute: 2, ..PartnerQuotas::default() };
    let (id, key) = approved(&house, quotas);
    grant(&house, id, &[PartnerScope::CardsRead]);
    let statuses: Vec<u16> = (0..5).map(|_| list_of(&house, &key).status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 429], "twice a minute's calls at once");
    let refused = list_of(&house, &key);
    assert_eq!(code(&refused), (429, "quota".into()));
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit"), format!("\"cards\";r=0;t={wait}"));
    assert_eq!(refused.header("ratelimit-policy"), "\"cards\";q=2;w=60");
    let quotas = PartnerQuotas { in_flight: 0, ..PartnerQuotas::default() };
    let (id, key) = approved(&house, quotas);
    grant(&house, id, &[PartnerScope::CardsRead]);
    let refused = list_of(&house, &key);
    assert_eq!(code(&refused), (429, "quota".into()));
    assert!(refused.header("ratelimit").starts_with("\"in_flight\""));
    let himself = call(&house, &key, &format!("GET /v1/partners/{id}"), &Value::Null);
    assert!(himself.header("ratelimit").starts_with("\"in_flight\""), "{}", himself.body);
}

#[test]
fn v_114_calls_of_a_partner_about_himself_are_counted_too() {
    let house = House::open();
    let (id, key) = partner(&house);
    let himself = || call(&house, &key, &format!("GET /v1/partners/{id}"), &Value::Null);
    let statuses: Vec<u16> = (0..10).map(|_| himself().status).collect();
    assert_eq!(statuses, [200; 10]);
    let many = himself();
    assert_eq!(code(&many), (429, "quota".into()));
    assert_eq!(many.header("ratelimit-policy"), "\"himself\";q=10;w=60");
}

#[test]
fn v_112_cards_of_a_booking_are_found_behind_newer_ones() {
    let house = House::open();
    let (id, key) = partner(&house);
    grant(&house, id, &[PartnerScope::CardsWrite, PartnerScope::CardsRead]);
    for booking in ["OLD", "NEW"] {
        assert_eq!(add(&house, &key, booking).status, 201);
    }
    let place = (house.scope.merchant, house.scope.shop);
    let db = Db::open(&DbOptions::at(crate::place(&house.config)), &[crate::MIGRATIONS]).unwrap();
    let newest = |booking: Option<&'static str>| {
        let bookings = booking.map(str::to_owned).into_iter().collect();
        let filter = CardFilter { bookings, ..CardFilter::default() };
        let today = "2026-10-20".parse().unwrap();
        let rows = db.read_blocking::<_, DbError, _>(move |tx| {
            let wanted = Wanted { filter: filter.clone(), fingerprint: None, today };
            crate::card::listing::store::page(tx, place, &wanted, (None, 1))
        });
        rows.unwrap().remove(0).booking.unwrap()
    };
    assert_eq!((newest(None), newest(Some("OLD"))), ("NEW".to_owned(), "OLD".to_owned()));
    assert_eq!(count(&house, "vault_partner_day"), 0, "test cards set off no alarm");
}

#[test]
fn v_113_v_115_a_grant_reaches_as_far_as_its_scopes_and_suspension_leaves_destroying_alone() {
    let house = House::open();
    let (id, key) = approved(&house, PartnerQuotas::default());
    grant(&house, id, &[PartnerScope::CardsWrite, PartnerScope::CardsDelete]);
    let added = add(&house, &key, "B1");
    assert_eq!(added.status, 201, "{}", added.body);
    let token = added.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(code(&list_of(&house, &key)), (403, "scope_missing".into()));
    let relay = house.ask(&GrantPut { partner: id, scopes: vec![PartnerScope::Relay] });
    assert_eq!(relay.unwrap_err().code(), Some("invalid_field"), "he did not apply for it");

    let suspend = |reason: &str| PartnerDecision::Suspend { reason: reason.into() };
    assert_eq!(decide(&house, id, suspend("x")).unwrap_err(), "reason_too_short");
    assert_eq!(decide(&house, id, suspend("An alarm")), Ok(PartnerState::Suspended));
    assert_eq!(code(&add(&house, &key, "B2")), (403, "partner_suspended".into()));
    let delete = format!("DELETE /v1/cards/{token}");
    assert_eq!(call(&house, &key, &delete, &Value::Null).status, 204);
    assert_eq!(call(&house, &key, &delete, &Value::Null).status, 204, "once more is the same");
    assert_eq!(decide(&house, id, PartnerDecision::Resume), Ok(PartnerState::Active));
    assert_eq!(add(&house, &key, "B2").status, 201);
}

#[test]
fn v_111_networks_go_at_once_and_come_when_contact_and_operator_agree() {
    let house = House::open();
    let (id, key) = partner(&house);
    let put = |key: &str, ips: Value| {
        call(&house, key, &format!("PUT /v1/partners/{id}/ips"), &json!({ "ips": ips }))
    };
    let asked = put(&key, json!(["127.0.0.1/32", "8.8.8.8/32"]));
    assert_eq!(asked.status, 202, "{}", asked.body);
    assert_eq!(asked.json()["ips"], json!(["127.0.0.1/32"]));
    assert_eq!(asked.json()["ips_waiting"], json!(["8.8.8.8/32"]));
    let wide = put(&key, json!(["127.0.0.0/8"]));
    assert_eq!(code(&wide), (422, "invalid_field".into()));
    assert_eq!(wide.json()["errors"][0]["path"], "$.ips[0]");
    let agree = |by: &str, network: &str| PartnerDecision::ApproveNetworks {
        confirmed_by: format!("{by}@pms.example"),
        networks: vec![network.to_owned()],
    };
    let seen = "8.8.8.8/32";
    assert_eq!(decide(&house, id, agree("technique", seen)).unwrap_err(), "invalid_field");
    assert_eq!(put(&key, json!(["127.0.0.1/32", "9.9.9.9/32"])).status, 202);
    assert_eq!(decide(&house, id, agree("securite", seen)).unwrap_err(), "precondition_failed");
    let again = json!(["127.0.0.1/32", "8.8.8.8/32"]);
    assert_eq!(put(&key, again.clone()).status, 202);
    let written = || count(&house, "vault_log WHERE entry LIKE '%partner.networks_asked%'");
    let before = written();
    assert_eq!(before, 3);
    assert_eq!(put(&key, again).json()["ips_waiting"], json!(["8.8.8.8/32"]));
    assert_eq!(written(), before, "what changes nothing is not written down");
    decide(&house, id, agree("securite", seen)).unwrap();
    let shown = call(&house, &key, &format!("GET /v1/partners/{id}"), &Value::Null);
    assert_eq!(shown.json()["ips"], json!(["127.0.0.1/32", "8.8.8.8/32"]));
    let (_, other) = partner(&house);
    assert_eq!(put(&other, json!(["127.0.0.1/32"])).status, 404, "another's are not there");
    assert_eq!(put(&key, json!(["8.8.8.8/32"])).status, 202);
    assert_eq!(code(&put(&key, json!(["127.0.0.1/32"]))), (403, "ip_not_allowed".into()));
}
