//! Charges whose holder is not there, asked for by a program.

use db::{Route, Tx};
use identity::merchants::{self, PointOfSale};
use kernel::PointOfSaleId;
use serde_json::{Value, json};

use super::{Program, code};

impl Program {
    /// The hotel takes orders by telephone at a desk of its own.
    async fn has_a_telephone(&self) -> PointOfSaleId {
        let (hotel, ctx) = (&self.house.hotel, &self.house.ctx);
        // After the shop's own point of sale, which stays the first.
        let now = ctx.real_now().plus_seconds(1);
        let point = PointOfSale {
            id: PointOfSaleId::new(now, ctx.rng.as_ref()),
            shop: hotel.shop.id,
            name: "Réception".into(),
            channel: "counter,moto_terminal".into(),
        };
        let (id, scope) = (point.id, hotel.scope.clone());
        let add = move |tx: &mut Tx<'_>| merchants::ops::add_point_of_sale(tx, &scope, &point, now);
        ctx.db.write(Route::any(), add).await.unwrap();
        id
    }

    fn without_guest(&self, order_ref: &str, reason: &str) -> Value {
        let mut asked = self.asked(order_ref);
        asked["initiator"] = json!("merchant");
        asked["reason"] = json!(reason);
        asked
    }
}

#[tokio::test]
async fn v_97_a_debit_tells_all_that_books_it_elsewhere() {
    let program = Program::new().await;
    program.post("/v1/payments", "k1", &program.asked("STAY-1/1")).await;
    let asked = program.without_guest("STAY-1/2", "no_show");
    let paid = program.post("/v1/payments", "k2", &asked).await.json();
    assert_eq!((&paid["status"], &paid["reason"]), (&json!("captured"), &json!("no_show")));
    assert_eq!(paid["guarantee"], json!({"value": "no", "reason": "no_3ds"}));
    assert_eq!(paid["warnings"], json!([]));
    let processor = &paid["processor"];
    assert_eq!(processor["network_transaction_id"], "chain-1");
    assert!(processor["authorisation"].is_string() && processor["reference"].is_string(), "{paid}");
    let operations = program.get(&format!("/v1/payments/{}/operations", text(&paid["id"]))).await;
    assert_eq!(operations.json()["data"][0]["kind"], "authorise", "nobody was authenticated");
}

#[tokio::test]
async fn v_100_without_an_agreement_it_leaves_as_an_order_by_telephone_and_says_so() {
    let program = Program::new().await;
    let asked = program.without_guest("STAY-2/1", "no_show");
    let refused = program.post("/v1/payments", "k1", &asked).await;
    assert_eq!(code(&refused), (422, "chain_reference_missing".into()));
    let by_name = program.without_guest("STAY-2/1", "moto");
    let refused = program.post("/v1/payments", "k2", &by_name).await;
    assert_eq!(code(&refused), (422, "contract_without_moto".into()));
    assert!(program.servers.bank.lock().unwrap().done.is_empty(), "nothing was sent");
    let desk = program.has_a_telephone().await;
    let paid = program.post("/v1/payments", "k1", &asked).await.json();
    let told = (&paid["status"], &paid["channel"]);
    assert_eq!(told, (&json!("captured"), &json!("moto_terminal")), "{paid}");
    assert_eq!(paid["warnings"], json!(["sent_as_moto"]), "{paid}");
    assert_eq!(paid["guarantee"], json!({"value": "no", "reason": "moto"}));
    assert_eq!(paid["point_of_sale"], json!(desk));
    let again = program.without_guest("STAY-2/2", "delayed_charge");
    let again = program.post("/v1/payments", "k3", &again).await.json();
    assert_eq!(again["warnings"], json!(["sent_as_moto"]), "an order by telephone agrees to none");
    let by_name = program.post("/v1/payments", "k4", &by_name_of(&program)).await.json();
    assert_eq!(by_name["warnings"], json!([]), "it was asked for as one");
}

fn by_name_of(program: &Program) -> Value {
    program.without_guest("STAY-2/3", "moto")
}

#[tokio::test]
async fn v_97_the_held_code_goes_along_only_when_it_is_wished() {
    let program = Program::new().await;
    program.has_a_telephone().await;
    for (key, wish) in [("k1", json!(false)), ("k2", json!(true))] {
        let mut asked = program.without_guest(key, "no_show");
        asked["use_code"] = wish;
        assert_eq!(program.post("/v1/payments", key, &asked).await.json()["status"], "captured");
    }
    assert_eq!(program.servers.bank.lock().unwrap().codes, [false, true]);
}

#[tokio::test]
async fn v_97_a_debit_whose_answer_is_lost_is_asked_about_and_never_sent_again() {
    let program = Program::new().await;
    program.has_a_telephone().await;
    let asked = program.without_guest("STAY-3/1", "no_show");
    let shop = program.house.hotel.shop.id;
    let still = program.house.ctx.now(shop);
    program.house.ctx.clocks.set(shop, web::ShopClock::Frozen(still));
    program.servers.bank.lock().unwrap().silence = true;
    let unsure = program.post("/v1/payments", "k1", &asked).await;
    assert_eq!((unsure.status.as_u16(), &unsure.json()["status"]), (202, &json!("unknown")));
    let second = program.post("/v1/payments", "k2", &asked).await;
    assert_eq!(code(&second), (409, "order_has_live_payment".into()));
    program.house.clock.go_on(10);
    assert_eq!(program.engine.ask_by_real_time().await.unwrap(), 1);
    let known = program.get(&format!("/v1/payments/{}", text(&unsure.json()["id"]))).await.json();
    assert_eq!(known["status"], "captured");
    let bank = program.servers.bank.lock().unwrap();
    assert!(bank.done.len() == 1 && bank.arrivals.values().all(|count| *count == 1));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
