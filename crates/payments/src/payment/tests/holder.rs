//! Absent holders who are asked by a link to let their bank confirm a charge.

use axum::http::header;
use db::Tx;
use db::jobs::Job;
use identity::fixtures::pages::{Answer, As, get, request, send};
use kernel::rng::OsRng;
use kernel::{CaptureId, CardToken, JobId, PaymentId};
use serde_json::{Value, json};
use web::mail;

use super::{Program, code};
use crate::authentication_links::{Agreement, store};
use crate::checkout;

impl Program {
    /// A payment of an absent guest who left both addresses; no card was tried.
    async fn owed(&self, order_ref: &str) -> Value {
        let asked = json!({
            "amount": 8400, "currency": "EUR", "order_ref": order_ref, "keep": "booking",
            "payer": {"email": "anne@example.org", "phone": "+33612345678", "language": "en"},
        });
        self.post("/v1/payments", order_ref, &asked).await.json()
    }

    async fn link(&self, payment: &Value, key: &str, wish: &Value) -> Answer {
        let path = format!("/v1/payments/{}/authentication_links", text(&payment["id"]));
        let mut wish = wish.clone();
        wish["card"] = json!(self.servers.card);
        self.post(&path, key, &wish).await
    }

    async fn links(&self, payment: &Value) -> Vec<(String, bool)> {
        let path = format!("/v1/payments/{}/authentication_links", text(&payment["id"]));
        let listed = self.get(&path).await.json();
        let one = |link: &Value| (text(&link["status"]).to_owned(), link["agreed"].is_object());
        listed["data"].as_array().unwrap().iter().map(one).collect()
    }

    /// How far one link of a payment came; those of one instant stand in no order.
    async fn state_of(&self, payment: &Value, link: &Value) -> String {
        let path = format!("/v1/payments/{}/authentication_links", text(&payment["id"]));
        let listed = self.get(&path).await.json();
        let links = listed["data"].as_array().unwrap();
        let this = links.iter().find(|listed| listed["id"] == link["id"]).unwrap();
        text(&this["status"]).to_owned()
    }

    async fn page(&self, path: &str) -> Answer {
        let back = checkout::return_routes(self.engine.clone());
        let pages = checkout::routes(self.engine.clone()).merge(back);
        get(&pages, As::Anyone, path).await.unwrap()
    }

    /// Presses the button of the holder's page.
    async fn agree(&self, page: &str) -> Answer {
        let request = request(As::Anyone, "POST", &format!("{page}/authentifier"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(axum::body::Body::empty())
            .unwrap();
        send(&checkout::routes(self.engine.clone()), request).await.unwrap()
    }

    /// He comes back from the vault's page with another card, which ends in 0815.
    async fn bring_other_card(&self, page: &str) -> Answer {
        self.servers.bank.lock().unwrap().other = Some(CardToken::random(&OsRng));
        let capture = CaptureId::random(&OsRng);
        self.page(&format!("{page}/retour?capture={capture}")).await
    }

    /// Where the link of a message leads.
    async fn follow(&self, link: &Value) -> Answer {
        let url = text(&link["url"]);
        self.page(&url[url.find("/authentification/").unwrap()..]).await
    }

    async fn messages(&self, payment: &Value) -> usize {
        let (scope, id) = (self.house.hotel.scope.clone(), text(&payment["id"]).to_owned());
        let read = move |tx: &mut Tx<'_>| mail::of_object(tx, &scope, &id);
        let about = self.house.ctx.db.read::<_, db::DbError, _>(read).await.unwrap();
        about.iter().filter(|mail| mail.link.as_deref().is_some_and(is_link)).count()
    }

    async fn now(&self, payment: &Value) -> Value {
        self.get(&format!("/v1/payments/{}", text(&payment["id"]))).await.json()
    }

    async fn run(&self, kind: &str, payload: Value) {
        let hotel = &self.house.hotel;
        let job = Job {
            id: JobId::random(self.house.ctx.rng.as_ref()),
            merchant: hotel.scope.merchant(),
            mode: hotel.scope.mode(),
            shop: hotel.shop.id,
            kind: kind.into(),
            run_at: self.house.ctx.now(hotel.shop.id),
            payload,
            attempts: 0,
        };
        self.engine.run_job(&job).await.unwrap();
    }

    fn stop_clock(&self, seconds: i64) {
        let shop = self.house.hotel.shop.id;
        let at = self.house.ctx.now(shop).plus_seconds(seconds);
        self.house.ctx.clocks.set(shop, web::ShopClock::Frozen(at));
    }

    fn bank_says(&self, result: &'static str) {
        self.servers.bank.lock().unwrap().next_authentication = Some(result);
    }
}

fn is_link(url: &str) -> bool {
    url.contains("/authentification/")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test]
async fn v_101_v_102_an_absent_holder_confirms_and_later_charges_can_name_it() {
    let program = Program::new().await;
    let owed = program.owed("STAY-1/2").await;
    let made = program.link(&owed, "k1", &json!({"channels": ["email", "sms"]})).await;
    let link = made.json();
    assert_eq!((made.status.as_u16(), &link["status"]), (201, &json!("sent")), "{link}");
    let again = program.link(&owed, "k1", &json!({"channels": ["email", "sms"]})).await.json();
    assert_eq!(again["url"], link["url"], "the same key asks once");
    assert_eq!(program.messages(&owed).await, 2, "a mail and a text message");
    assert_eq!(program.now(&owed).await["status"], "action_required");

    let page = program.follow(&link).await.location().to_owned();
    let shown = program.page(&page).await;
    assert!(shown.text.contains(&format!("action=\"{page}/authentifier\"")), "{}", shown.text);
    assert!(shown.text.contains("Neither the number nor the security code"), "{}", shown.text);
    assert_eq!(program.links(&owed).await, [("opened".to_owned(), false)]);
    let bank = program.agree(&page).await.location().to_owned();
    assert_eq!(bank, format!("{page}/3ds"), "his bank is asked to challenge him");
    assert_eq!(program.agree(&page).await.location(), bank, "a second press asks nothing");
    assert_eq!(program.follow(&link).await.location(), page);
    assert_eq!(program.page(&page).await.location(), bank, "he closed his bank's page and is back");
    program.servers.bank.lock().unwrap().decide("Y");
    let receipt = program.page(&format!("{page}/3ds/retour")).await.location().to_owned();
    assert!(receipt.starts_with("/r/"), "{receipt}");
    assert_eq!(program.links(&owed).await, [("done".to_owned(), true)]);
    let paid = program.now(&owed).await;
    assert_eq!((&paid["status"], &paid["initiator"]), (&json!("captured"), &json!("payer")));
    assert_eq!(paid["guarantee"]["value"], "yes", "{paid}");
    assert_eq!(program.servers.bank.lock().unwrap().codes, [false], "no code goes along");
    assert_eq!(program.page(&page).await.status.as_u16(), 200, "it says that it is paid");
    assert!(program.follow(&link).await.location().ends_with(&page));

    let mut later = program.asked("STAY-1/3");
    later["initiator"] = json!("merchant");
    later["reason"] = json!("delayed_charge");
    let later = program.post("/v1/payments", "k2", &later).await.json();
    assert_eq!((&later["status"], &later["warnings"]), (&json!("captured"), &json!([])), "{later}");
    let fourth = program.link(&owed, "k3", &json!({})).await;
    assert_eq!(code(&fourth).0, 409, "it is paid");
}

#[tokio::test]
async fn v_102_three_refusals_end_a_link_and_free_its_order() {
    let program = Program::new().await;
    let owed = program.owed("STAY-2/2").await;
    let link = program.link(&owed, "k1", &json!({"may_replace_card": false})).await.json();
    let page = program.follow(&link).await.location().to_owned();
    let fixed = program.page(&format!("{page}/carte")).await;
    assert_eq!(fixed.location(), page, "no other card may be given");
    assert_eq!(program.bring_other_card(&page).await.location(), page);
    assert_eq!(program.now(&owed).await["attempts"], 0, "nor brought back by hand");
    for state in ["opened", "opened", "failed"] {
        program.bank_says("N");
        assert_eq!(program.agree(&page).await.location(), page);
        assert_eq!(program.links(&owed).await[0].0, state);
    }
    assert_eq!(program.agree(&page).await.location(), page);
    assert_eq!(program.now(&owed).await["attempts"], 3, "it has no button any more");
    assert_eq!(program.servers.bank.lock().unwrap().done.len(), 0, "nobody was debited");
    assert_eq!(program.now(&owed).await["status"], "refused");
    let gone = program.follow(&link).await;
    assert_eq!(gone.status.as_u16(), 410, "{}", gone.text);
    assert!(!gone.text.contains(&page), "a dead link leads nowhere");
    // Another payment of the order may begin now, and the first one waits for it.
    let other = program.post("/v1/payments", "k5", &program.asked("STAY-2/2")).await;
    assert_eq!(other.json()["status"], "captured");
    let beside = program.link(&owed, "k6", &json!({})).await;
    assert_eq!(code(&beside), (409, "order_has_live_payment".into()));
}

#[tokio::test]
async fn v_101_a_later_link_ends_the_earlier_and_three_a_day_are_enough() {
    let program = Program::new().await;
    let owed = program.owed("STAY-3/2").await;
    let first = program.link(&owed, "k1", &json!({"expires_in": 172_800})).await.json();
    let second = program.link(&owed, "k2", &json!({"expires_in": 172_800})).await.json();
    assert_eq!(program.follow(&first).await.status.as_u16(), 410);
    let page = program.follow(&second).await.location().to_owned();
    assert_eq!(program.link(&owed, "k3", &json!({"expires_in": 172_800})).await.status, 201);
    let fourth = program.link(&owed, "k4", &json!({})).await;
    assert_eq!(code(&fourth), (429, "link_limit".into()));
    let states: Vec<String> = program.links(&owed).await.into_iter().map(|(s, _)| s).collect();
    assert_eq!(states, ["sent", "cancelled", "cancelled"]);

    // One reminder, a day before the end; a job that runs twice sends one.
    let path = format!("/v1/payments/{}/authentication_links", text(&owed["id"]));
    let id = program.get(&path).await.json()["data"][0]["id"].clone();
    for _ in 0..2 {
        program.run(crate::jobs::AUTHENTICATION_REMINDER, json!({ "link": id })).await;
    }
    assert_eq!(program.messages(&owed).await, 4);
    // The session ends with the last link, not with the first one's job.
    let id: PaymentId = text(&owed["id"]).parse().unwrap();
    program.stop_clock(172_000);
    program.run(crate::jobs::SESSION_END, json!({ "payment": id })).await;
    assert_eq!(program.now(&owed).await["status"], "action_required");
    program.stop_clock(900);
    assert_eq!(program.page(&page).await.status.as_u16(), 410, "expired before its job ran");
    program.run(crate::jobs::SESSION_END, json!({ "payment": id })).await;
    assert_eq!(program.links(&owed).await[0].0, "expired");
    assert_eq!(program.now(&owed).await["status"], "abandoned");
    // A new link takes the same payment up again.
    let new = program.link(&owed, "k6", &json!({})).await.json();
    let page = program.follow(&new).await.location().to_owned();
    assert_eq!(program.agree(&page).await.location(), format!("{page}/3ds"));
    program.servers.bank.lock().unwrap().decide("Y");
    program.page(&format!("{page}/3ds/retour")).await;
    let paid = program.now(&owed).await;
    assert_eq!((&paid["status"], &paid["late"]), (&json!("captured"), &json!(false)), "{paid}");
}

#[tokio::test]
async fn v_101_a_link_is_withdrawn_with_its_payment() {
    let program = Program::new().await;
    let owed = program.owed("STAY-4/2").await;
    let link = program.link(&owed, "k1", &json!({})).await.json();
    let page = program.follow(&link).await.location().to_owned();
    let cancel = format!("/v1/payments/{}/cancel", text(&owed["id"]));
    assert_eq!(program.post(&cancel, "k2", &json!({})).await.json()["status"], "cancelled");
    assert_eq!(program.links(&owed).await[0].0, "cancelled");
    assert_eq!(program.agree(&page).await.location(), page);
    assert_eq!(program.follow(&link).await.status.as_u16(), 410);
    assert!(program.servers.bank.lock().unwrap().arrivals.is_empty(), "nothing was sent");
}

#[tokio::test]
async fn v_101_p_85_a_charge_for_which_the_bank_wants_its_holder_waits_for_him() {
    let program = Program::new().await;
    let mut asked = program.asked("STAY-5/2");
    asked["payer"] = json!({"email": "anne@example.org"});
    program.post("/v1/payments", "k0", &program.asked("STAY-5/1")).await;
    asked["initiator"] = json!("merchant");
    asked["reason"] = json!("no_show");
    program.servers.bank.lock().unwrap().next_code = Some("81");
    let soft = program.post("/v1/payments", "k1", &asked).await.json();
    assert_eq!(
        (&soft["status"], &soft["decline"]["class"]),
        (&json!("refused"), &json!("sca_required"))
    );
    let link = program.link(&soft, "k2", &json!({})).await.json();
    assert_eq!(program.now(&soft).await["status"], "action_required", "amount and order are kept");
    let beside = program.post("/v1/payments", "k3", &asked).await;
    assert_eq!(code(&beside), (409, "order_has_live_payment".into()));
    let page = program.follow(&link).await.location().to_owned();
    assert!(!program.page(&page).await.text.contains("notice bad"), "he was refused nothing");
    assert_eq!(program.agree(&page).await.location(), format!("{page}/3ds"));
    program.servers.bank.lock().unwrap().decide("Y");
    program.page(&format!("{page}/3ds/retour")).await;
    let paid = program.now(&soft).await;
    assert_eq!((&paid["status"], &paid["initiator"]), (&json!("captured"), &json!("payer")));
    assert_eq!(paid["guarantee"]["value"], "yes", "{paid}");
}

#[tokio::test]
async fn v_101_what_cannot_be_asked_is_named() {
    let program = Program::new().await;
    let owed = program.owed("STAY-6/2").await;
    let faults = [
        (json!({"channels": []}), "$.channels"),
        (json!({"channels": ["letter"]}), "$.channels"),
        (json!({"expires_in": 899}), "$.expires_in"),
        (json!({"expires_in": 1_209_601}), "$.expires_in"),
        (json!({"then": "mandate"}), "$.then"),
        (json!({"may_replace_card": "no"}), "$.may_replace_card"),
    ];
    for (place, (wish, path)) in faults.into_iter().enumerate() {
        let refused = program.link(&owed, &format!("f{place}"), &wish).await;
        assert_eq!(refused.status.as_u16(), 422, "{}", refused.text);
        assert_eq!(refused.json()["errors"][0]["path"], path, "{}", refused.text);
    }
    let mut bare = program.asked("STAY-7/2");
    bare.as_object_mut().unwrap().remove("card");
    let bare = program.post("/v1/payments", "bare", &bare).await.json();
    let nobody = program.link(&bare, "n1", &json!({})).await;
    assert_eq!(code(&nobody), (422, "contact_missing".into()));
    let path = format!("/v1/payments/{}/authentication_links", text(&bare["id"]));
    let no_card = program.post(&path, "n2", &json!({})).await;
    assert_eq!(code(&no_card), (422, "card_unknown".into()));
    assert_eq!(program.page("/authentification/nothing").await.status.as_u16(), 404);
    assert_eq!(program.now(&owed).await["status"], "created", "nobody was asked");
}

#[tokio::test]
async fn v_101_a_later_link_ends_the_try_that_waits_at_the_bank() {
    let program = Program::new().await;
    let owed = program.owed("STAY-8/2").await;
    let first = program.link(&owed, "k1", &json!({})).await.json();
    let page = program.follow(&first).await.location().to_owned();
    let bank = format!("{page}/3ds");
    assert_eq!(program.agree(&page).await.location(), bank);
    let second = program.link(&owed, "k2", &json!({})).await.json();
    // What he tells his bank now is about the first link, and nobody asks for it.
    program.servers.bank.lock().unwrap().decide("Y");
    assert_eq!(program.page(&format!("{page}/3ds/retour")).await.location(), page);
    assert!(program.servers.bank.lock().unwrap().arrivals.is_empty(), "no money was asked for");
    let states = [("sent".to_owned(), false), ("cancelled".to_owned(), true)];
    assert_eq!(program.links(&owed).await, states);
    assert_eq!(program.follow(&second).await.location(), page);
    let shown = program.page(&page).await.text;
    assert!(shown.contains("/authentifier\"") && !shown.contains("notice bad"), "{shown}");
    assert_eq!(program.agree(&page).await.location(), bank);
    program.servers.bank.lock().unwrap().decide("Y");
    program.page(&format!("{page}/3ds/retour")).await;
    let paid = program.now(&owed).await;
    assert_eq!((&paid["status"], &paid["attempts"]), (&json!("captured"), &json!(2)), "{paid}");
    assert_eq!(program.servers.bank.lock().unwrap().arrivals.len(), 1);
}

#[tokio::test]
async fn v_101_a_press_after_the_link_was_replaced_sends_nothing() {
    let program = Program::new().await;
    let owed = program.owed("STAY-9/2").await;
    let first = program.link(&owed, "k1", &json!({})).await.json();
    let token = text(&first["url"]).rsplit('/').next().unwrap().to_owned();
    let read = move |tx: &mut Tx<'_>| store::behind(tx, &token);
    let read = program.house.ctx.db.read::<_, db::DbError, _>(read).await;
    let (payer, link) = read.unwrap().unwrap();
    assert_eq!(program.link(&owed, "k2", &json!({})).await.status.as_u16(), 201);
    // His press was read while the first link was open.
    let agreed =
        Agreement { at: link.created_at, from: "192.0.2.7".into(), text_sha256: String::new() };
    let payment = program.engine.authenticate(&payer, &link, agreed).await.unwrap();
    assert_eq!(payment.attempts, 0);
    let states = [("sent".to_owned(), false), ("cancelled".to_owned(), false)];
    assert_eq!(program.links(&owed).await, states, "and nobody agreed to anything");
}

#[tokio::test]
async fn v_102_the_page_names_the_card_that_its_button_charges() {
    let program = Program::new().await;
    let owed = program.owed("STAY-10/2").await;
    let link = program.link(&owed, "k1", &json!({})).await.json();
    let page = program.follow(&link).await.location().to_owned();
    program.bank_says("N");
    assert_eq!(program.bring_other_card(&page).await.location(), page, "his bank refused it");
    assert_eq!(program.now(&owed).await["card"]["last4"], "0815");
    let shown = program.page(&page).await.text;
    assert!(shown.contains("to your card CB •••• 0154") && !shown.contains("•••• 0815"), "{shown}");
    program.agree(&page).await;
    program.servers.bank.lock().unwrap().decide("Y");
    program.page(&format!("{page}/3ds/retour")).await;
    let paid = program.now(&owed).await;
    assert_eq!((&paid["status"], &paid["card"]["last4"]), (&json!("captured"), &json!("0154")));
}

#[tokio::test]
async fn v_102_who_paid_with_another_card_is_told_so_by_his_link() {
    let program = Program::new().await;
    let owed = program.owed("STAY-11/2").await;
    let link = program.link(&owed, "k1", &json!({})).await.json();
    let page = program.follow(&link).await.location().to_owned();
    assert_eq!(program.bring_other_card(&page).await.location(), format!("{page}/3ds"));
    program.servers.bank.lock().unwrap().decide("Y");
    let receipt = program.page(&format!("{page}/3ds/retour")).await.location().to_owned();
    assert!(receipt.starts_with("/r/"), "{receipt}");
    assert_eq!(program.links(&owed).await, [("done".to_owned(), false)]);
    assert_eq!(program.follow(&link).await.location(), page);
}

#[tokio::test]
async fn v_102_a_link_ends_with_the_last_try_of_its_payment() {
    let program = Program::new().await;
    let owed = program.owed("STAY-12/2").await;
    let mut last = json!(null);
    for (key, tries) in [("k1", 1), ("k2", 2), ("k3", 2)] {
        last = program.link(&owed, key, &json!({})).await.json();
        let page = program.follow(&last).await.location().to_owned();
        for _ in 0..tries {
            assert_eq!(program.state_of(&owed, &last).await, "opened");
            program.bank_says("N");
            assert_eq!(program.agree(&page).await.location(), page);
        }
    }
    assert_eq!(program.state_of(&owed, &last).await, "failed");
    assert_eq!(program.now(&owed).await["status"], "refused");
    assert_eq!(program.follow(&last).await.status.as_u16(), 410);
}

#[tokio::test]
async fn v_102_a_card_that_the_vault_does_not_lend_is_no_refusal_of_the_bank() {
    let program = Program::new().await;
    let owed = program.owed("STAY-13/2").await;
    let link = program.link(&owed, "k1", &json!({})).await.json();
    let page = program.follow(&link).await.location().to_owned();
    for _ in 0..3 {
        program.servers.bank.lock().unwrap().not_lent = Some("card_suspended");
        assert_eq!(program.agree(&page).await.location(), page);
        let shown = program.page(&page).await.text;
        assert!(shown.contains("This card cannot be used any more"), "{shown}");
        assert_eq!(program.links(&owed).await[0].0, "opened", "nobody refused it");
    }
    assert_eq!(program.now(&owed).await["decline"]["code"], "card_suspended");
    assert_eq!(program.agree(&page).await.location(), format!("{page}/3ds"));
}
