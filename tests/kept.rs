//! Kept cards as programs find and change them, and as staff block them, by real processes.

use serde_json::{Value, json};

use crate::browser::readable;
use crate::cards::{CALM, Staff};
use crate::demo::{Answer, Demo, PATIENCE};
use crate::lots::{booked, wait};

fn call(demo: &Demo, method: &str, path: &str, body: Option<&Value>) -> Answer {
    demo.call_as(demo.api_key(0), (method, path), None, body)
}

fn change(demo: &Demo, card: &str, body: &Value) -> Answer {
    call(demo, "PATCH", &format!("/v1/cards/{card}"), Some(body))
}

fn tokens(page: &Value) -> Vec<String> {
    let token = |card: &Value| card["token"].as_str().unwrap().to_owned();
    page["data"].as_array().unwrap().iter().map(token).collect()
}

fn list(demo: &Demo, query: &str) -> Value {
    let found = demo.get(&format!("/v1/cards?{query}"));
    assert_eq!(found.status, 200, "{query}: {}", found.body);
    found.body
}

fn path_of(refused: &Answer) -> (u16, &str, &str) {
    let fault = &refused.body["errors"][0];
    (refused.status, refused.body["code"].as_str().unwrap(), fault["path"].as_str().unwrap_or(""))
}

#[test]
fn v_40_v_35_programs_list_cards_and_change_what_may_change() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let number = demo.get(&format!("/v1/bookings/{booking}")).body["number"].clone();
    let first = demo.add_card("CANAL-7", CALM);
    let other = demo.add_card("CANAL-8", CALM);
    let seen = list(&demo, "booking=CANAL-7");
    assert_eq!((tokens(&seen), &seen["next"]), (vec![first.clone()], &Value::Null));
    assert_eq!(seen["data"][0], demo.get(&format!("/v1/cards/{first}")).body, "one shape");

    // Page by page, each card once.
    let whole = tokens(&list(&demo, "limit=100"));
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = list(&demo, &format!("limit=1{cursor}"));
        paged.extend(tokens(&page));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, whole);
    assert!(whole.contains(&first) && whole.contains(&other));

    // What is wrong is named.
    for (query, path) in [
        ("limit=101", "$.limit"),
        ("state=lost", "$.state"),
        ("verification=yes", "$.verification"),
        ("virtual=1", "$.virtual"),
        ("expires_before=soon", "$.expires_before"),
        ("cursor=card_x", "$.cursor"),
        ("fingerprint=fp_x", "$.fingerprint"),
        ("colour=red", "$.colour"),
    ] {
        let refused = demo.get(&format!("/v1/cards?{query}"));
        assert_eq!(path_of(&refused), (422, "invalid_field", path), "{query}");
    }

    // Given to its booking by the number people use; once more changes nothing.
    let attach = format!("/v1/cards/{first}/attach");
    let unknown = call(&demo, "POST", &attach, Some(&json!({ "booking": "NO-1" })));
    assert_eq!(path_of(&unknown), (422, "invalid_field", "$.booking"));
    let given = call(&demo, "POST", &attach, Some(&json!({ "booking": number })));
    assert_eq!((given.status, &given.body["status"]), (200, &json!("active")), "{}", given.body);
    let again = call(&demo, "POST", &attach, Some(&json!({ "booking": booking })));
    assert_eq!((again.status, &again.body["version"]), (200, &given.body["version"]));
    let of_booking = tokens(&list(&demo, &format!("booking={}", number.as_str().unwrap())));
    assert!(of_booking.contains(&first), "{of_booking:?}");
    let second = booked(&demo, "Gîte La Tour", "Boris");
    let taken = call(&demo, "POST", &attach, Some(&json!({ "booking": second })));
    assert_eq!((taken.status, &taken.body["code"]), (409, &json!("card_in_use")));

    // Blocked with a reason, found by that, and not charged.
    let mute = change(&demo, &first, &json!({ "suspended": true }));
    assert_eq!(path_of(&mute), (422, "reason_too_short", "$.reason"));
    let nothing = change(&demo, &first, &json!({}));
    assert_eq!(nothing.status, 422, "{}", nothing.body);
    let why = json!({ "suspended": true, "reason": "Le client ne la reconnaît pas" });
    let blocked = change(&demo, &first, &why);
    assert_eq!((blocked.status, &blocked.body["status"]), (200, &json!("suspended")));
    assert_eq!(blocked.body["suspension"]["reason"], "Le client ne la reconnaît pas");
    assert_eq!(tokens(&list(&demo, "state=suspended")), [first.as_str()]);
    let charge = json!({
        "amount": 1_000, "currency": "EUR", "order_ref": "X-1", "card": first,
        "initiator": "merchant", "reason": "no_show",
    });
    let charged = demo.post("/v1/payments", "x1", &charge);
    assert_eq!((charged.status, &charged.body["code"]), (409, &json!("card_suspended")));
    let check = call(&demo, "POST", &format!("/v1/cards/{first}/verifications"), None);
    assert_eq!((check.status, &check.body["code"]), (409, &json!("card_suspended")));
    let free = json!({ "suspended": false, "reason": "Il l'a reconnue" });
    assert_eq!(change(&demo, &first, &free).body["suspension"], Value::Null);

    // An end is moved to an earlier instant only; a scheme is one of the card's own.
    let ends = demo.get(&format!("/v1/cards/{other}")).body["purge_at"].clone();
    let late = change(&demo, &other, &json!({ "purge_at": "2099-01-01T00:00:00Z" }));
    assert_eq!(path_of(&late), (422, "until_too_far", "$.purge_at"), "planned: {ends}");
    let strange = change(&demo, &other, &json!({ "preferred_brand": "jcb" }));
    assert_eq!(path_of(&strange), (422, "invalid_field", "$.preferred_brand"));
    let end = kernel::Timestamp::parse_rfc3339(ends.as_str().unwrap()).unwrap().plus_minutes(-60);
    let earlier = change(&demo, &other, &json!({ "purge_at": end }));
    assert_eq!((earlier.status, &earlier.body["purge_at"]), (200, &json!(end)));
    demo.move_clock(&end.to_string());
    assert_eq!(demo.get(&format!("/v1/cards/{other}")).status, 410);
    assert!(tokens(&list(&demo, "state=purged")).contains(&other));
    let events = demo.get("/v1/events?limit=200").body.to_string();
    wait(PATIENCE, "the events", || {
        let events = demo.get("/v1/events?limit=200").body.to_string();
        events.contains("card.suspended") && events.contains("card.updated")
    });
    assert!(!events.contains("reconnaît"), "no reason leaves with an event");
    demo.assert_sound();
}

#[test]
fn v_37_staff_block_a_card_with_a_reason_and_every_button_says_so() {
    let demo = Demo::start();
    let card = demo.add_card("CANAL-9", CALM);
    let staff = Staff::owner(&demo);
    let page = format!("/cartes/{card}");
    assert!(staff.open(&page).html.contains(&format!("{page}/bloquer")));
    let question = staff.open(&format!("{page}/bloquer"));
    let mut form = question.form_with("reason");
    form.fields.retain(|(name, _)| name != "reason");
    form.fields.push(("reason".into(), "no".into()));
    assert_eq!(staff.post(&form).status().as_u16(), 422, "too short");
    form.fields.retain(|(name, _)| name != "reason");
    form.fields.push(("reason".into(), "Le client ne la reconnaît pas".into()));
    assert_eq!(staff.send(&form), page);
    let seen = readable(&staff.open(&page).html);
    assert!(seen.contains("Le client ne la reconnaît pas"), "{seen}");
    assert_eq!(seen.matches("La carte est bloquée.").count(), 4, "charge, check, ask, see: {seen}");
    assert!(readable(&staff.open("/cartes").html).contains("Carte bloquée"));
    let mut form = staff.open(&format!("{page}/bloquer")).form_with("reason");
    form.fields.retain(|(name, _)| name != "reason");
    form.fields.push(("reason".into(), "Il l'a reconnue".into()));
    assert_eq!(staff.send(&form), page);
    assert!(!readable(&staff.open(&page).html).contains("Carte bloquée"));
    demo.assert_sound();
}

/// The settings of cards, written over the version of this tag.
pub(crate) fn put(demo: &Demo, tag: Option<&str>, body: &Value) -> (u16, Value, String) {
    let shop = demo.merchant(0)["shop"].as_str().unwrap();
    let path = format!("/v1/shops/{shop}/card_settings");
    let method = if body.is_null() { "GET" } else { "PUT" };
    let mut request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", demo.app()))
        .header("authorization", format!("Bearer {}", demo.api_key(0)))
        .header("content-type", "application/json");
    if let Some(tag) = tag {
        request = request.header("if-match", tag);
    }
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let mut answer = crate::demo::agent().run(request.body(text).unwrap()).unwrap();
    let tag = answer.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
    let (status, kind) = (answer.status().as_u16(), answer.headers().get("content-type").cloned());
    let text = answer.body_mut().read_to_string().unwrap();
    let kind = kind.as_ref().and_then(|kind| kind.to_str().ok());
    let seen = crate::described::Seen { status, kind, text: &text };
    crate::described::must_fit(crate::described::Origin::App, (method, &path), &seen);
    (status, serde_json::from_str(&text).unwrap(), tag.unwrap_or_default())
}

#[test]
fn v_13_programs_read_card_settings_and_write_them_over_what_they_read() {
    let demo = Demo::start();
    let (status, before, tag) = put(&demo, None, &Value::Null);
    assert_eq!((status, &before["collection"]), (200, &json!("storage")), "{before}");
    let code = |told: &(u16, Value, String)| (told.0, told.1["code"].as_str().unwrap().to_owned());
    let path = |told: &(u16, Value, String)| told.1["errors"][0]["path"].clone();
    let wish = json!({ "retention_days": 2, "reveal": { "max_per_card": 4 } });
    assert_eq!(code(&put(&demo, None, &wish)), (428, "precondition_required".into()));
    for (body, at, name) in [
        (json!({ "retention_days": 8 }), "$.retention_days", "retention_range"),
        (json!({ "brands": [] }), "$.brands", "invalid_field"),
        (json!({ "brands": ["visa", "gold"] }), "$.brands", "invalid_field"),
        (json!({ "reveal": { "show_seconds": 5 } }), "$.reveal.show_seconds", "invalid_field"),
        (json!({ "reveal": { "colour": 5 } }), "$.reveal.colour", "invalid_field"),
        (json!({ "colour": 5 }), "$.colour", "invalid_field"),
        (json!({ "storage": "paused" }), "$.storage", "invalid_field"),
        (json!({ "view_code_once": { "on": true } }), "$.view_code_once.reason", "invalid_field"),
    ] {
        let told = put(&demo, Some(&tag), &body);
        assert_eq!((code(&told), path(&told)), ((422, name.into()), json!(at)), "{body}");
    }
    // Showing codes stands under the name of a person who manages settings.
    let stranger = kernel::UserId::random(&kernel::rng::OsRng).to_string();
    let once = json!({ "view_code_once": {
        "on": true, "until": "2026-07-01", "approved_by": stranger,
        "reason": "Our acquirer allows it, contract of May",
    } });
    assert_eq!(path(&put(&demo, Some(&tag), &once)), "$.view_code_once.approved_by");
    let same = put(&demo, None, &Value::Null);
    assert_eq!((&same.1, &same.2), (&before, &tag), "nothing was written");

    let (status, after, next) = put(&demo, Some(&tag), &wish);
    assert_eq!(status, 200, "{after}");
    assert_ne!(next, tag);
    assert_eq!(
        (&after["retention_days"], &after["reveal"]["max_per_card"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(after["brands"], before["brands"], "what is left out stays");
    assert_eq!(code(&put(&demo, Some(&tag), &wish)), (412, "precondition_failed".into()));
    let auto = put(&demo, Some(&next), &json!({ "auto_charge_virtual": true }));
    assert_eq!((auto.0, &auto.1["auto_charge_virtual"]), (200, &json!(true)));
    let whole = put(&demo, Some(&auto.2), &auto.1);
    assert_eq!((whole.0, &whole.1), (200, &auto.1), "what was read can be sent back");
    demo.assert_sound();
}

#[test]
fn v_77_a_program_shuts_every_showing_and_lifts_nothing() {
    let demo = Demo::start();
    let shop = demo.merchant(0)["shop"].as_str().unwrap();
    let path = format!("/v1/shops/{shop}/card_kill_switch");
    let set = |body: &Value| call(&demo, "POST", &path, Some(body));
    let mute = set(&json!({ "on": true }));
    assert_eq!(path_of(&mute), (422, "reason_too_short", "$.reason"));
    let shut = set(&json!({ "on": true, "relay": false, "reason": "A phone was stolen" }));
    assert_eq!((shut.status, &shut.body["cancelled_links"]), (200, &json!(0)), "{}", shut.body);
    let staff = Staff::owner(&demo);
    assert!(staff.open("/parametres/cartes").says("A phone was stolen"));
    let lift = set(&json!({ "on": false }));
    assert_eq!((lift.status, &lift.body["code"]), (409, &json!("approval_required")));
    assert!(staff.open("/parametres/cartes").says("A phone was stolen"));
}

#[test]
fn v_14_v_15_settings_are_copied_and_one_person_alone_destroys_nothing() {
    let demo = Demo::start();
    let card = demo.add_card("CANAL-1", CALM);
    let staff = Staff::owner(&demo);
    assert!(staff.open("/parametres/cartes").html.contains("/parametres/cartes/copier"));
    assert!(staff.open("/parametres/cartes/copier").says("Sont copiés"));
    let page = "/parametres/cartes/detruire";
    let mut form = staff.open(page).form_with("name");
    form.fields = vec![("name".into(), "Autre hôtel".into())];
    let refused = staff.post(&form);
    assert_eq!(refused.status().as_u16(), 422, "another name");
    let name = demo.merchant(0)["name"].as_str().unwrap().to_owned();
    form.fields = vec![("name".into(), name)];
    assert_eq!(staff.send(&form), page);
    let waiting = staff.open(page);
    assert!(waiting.says("Vous l'avez demandé"), "{}", readable(&waiting.html));
    assert_eq!(staff.post(&form).status().as_u16(), 422, "not by oneself");
    assert_eq!(demo.get(&format!("/v1/cards/{card}")).status, 200, "nothing went");
}
