//! What the walk finds: a hotel with payments, a booking, a basket, a hold and its people.

use serde_json::{Value, json};

use super::knock::{Knock, send};
use super::list::{Endpoint, Kind};
use crate::browser::{self, card, open, pay, pay_and_approve};
use crate::demo::{Demo, PATIENCE};

/// Where nobody listens.
const NOBODY: &str = "http://127.0.0.1:9/hooks";
const ACCEPTED: &str = "4970100000000154";
const CHALLENGE: &str = "4970100100001003";

/// Someone signed in.
pub(super) struct Person {
    pub(super) email: String,
    pub(super) role: String,
    /// 0 is the hotel, 1 the museum.
    pub(super) place: usize,
    pub(super) cookie: String,
}

/// Everything, made once.
pub(super) struct Scene {
    pub(super) demo: Demo,
    pub(super) people: Vec<Person>,
    /// A sale of the hotel that its payer contests.
    pub(super) chargeback: String,
    /// A captured payment of the hotel.
    pub(super) payment: String,
    /// A payment that nobody has begun, one at the bank's challenge, and the challenge.
    pub(super) fresh_payment: String,
    pub(super) fresh_token: String,
    pub(super) waiting_payment: String,
    pub(super) waiting_token: String,
    pub(super) challenge: String,
    /// The card page of the fresh payment.
    pub(super) secret: String,
    /// A firm booking, and the card kept for its balance.
    pub(super) booking: String,
    pub(super) card: String,
    pub(super) cart: String,
    pub(super) hold: String,
    pub(super) lodging: String,
    pub(super) formula: String,
    pub(super) tariff: String,
    /// A basket made on the hotel's page.
    pub(super) basket_token: String,
    /// An address that the hotel's events are sent to, one event, and its delivery there.
    pub(super) endpoint: String,
    pub(super) event: String,
    pub(super) delivery: String,
    pub(super) rule: String,
}

impl Scene {
    pub(super) fn new() -> Self {
        let demo = Demo::start_with(&["--at", "2026-06-15T10:00:00+02:00"]);
        let people = people(&demo);
        let (endpoint, rule) = endpoint(&demo);
        let chargeback = contested(&demo);
        let paid = demo.create_payment("paid", 5_000);
        pay_and_approve(&demo, text(&paid["page_url"]), ACCEPTED);
        let payment = text(&paid["id"]).to_owned();
        let fresh = demo.create_payment("fresh", 4_000);
        let fresh_token = last_part(text(&fresh["page_url"]));
        let secret = last_part(&open(text(&fresh["page_url"])).url);
        let waiting = demo.create_payment("waiting", 3_000);
        let at_bank = pay(text(&waiting["page_url"]), &card(CHALLENGE));
        let to_bank =
            at_bank.html.split('"').find(|part| part.contains(":") && part.contains("/3ds/"));
        let challenge = last_part(to_bank.unwrap_or_else(|| panic!("{}", at_bank.html)));
        let (lodging, formula, tariff) = lodging(&demo);
        let stay = Stay { lodging: &lodging, formula: &formula };
        let deposit = deposit(&demo, &stay);
        let cart = cart(&demo, &stay, "cart");
        let hold = demo.post("/v1/holds", "hold", &stay.hold()).body;
        let basket_token = basket(&demo, &stay);
        let (delivery, event) = first_delivery(&demo, &endpoint);
        Self {
            endpoint,
            event,
            delivery,
            rule,
            people,
            chargeback,
            payment,
            card: text(&deposit["card"]["id"]).to_owned(),
            fresh_payment: text(&fresh["id"]).to_owned(),
            fresh_token,
            waiting_payment: text(&waiting["id"]).to_owned(),
            waiting_token: last_part(text(&waiting["page_url"])),
            challenge,
            secret,
            booking: text(&deposit["booking"]).to_owned(),
            cart,
            hold: text(&hold["id"]).to_owned(),
            lodging,
            formula,
            tariff,
            basket_token,
            demo,
        }
    }

    pub(super) fn vault(&self) -> &str {
        text(&self.demo.about["vault"])
    }

    /// The host that answers at an address.
    pub(super) fn origin(&self, kind: Kind) -> &str {
        match kind {
            Kind::VaultPage | Kind::VaultApi | Kind::VaultAsset => self.vault(),
            Kind::Bank => self.demo.bank(),
            _ => self.demo.app(),
        }
    }

    /// The address of the hotel's own object.
    pub(super) fn path(&self, endpoint: &Endpoint) -> String {
        let id = match endpoint.path.split('/').find(|part| !part.is_empty() && *part != "v1") {
            Some("caisse") if endpoint.path.contains("/impayes/") => &self.chargeback,
            Some("chargebacks") => &self.chargeback,
            Some("caisse" | "payments") => &self.payment,
            Some("reservations" | "bookings") => &self.booking,
            Some("catalogue" | "lodgings") => &self.lodging,
            Some("cards" | "cartes") => &self.card,
            Some("parametres") if endpoint.path.contains("/evenements/") => &self.event,
            Some("parametres") if endpoint.path.contains("/remises/") => &self.delivery,
            Some("parametres") if endpoint.path.contains("/webhooks/") => &self.endpoint,
            Some("webhook_endpoints") => &self.endpoint,
            Some("webhook_deliveries") => &self.delivery,
            Some("events") => &self.event,
            Some("notification_rules") => &self.rule,
            Some("carts") => &self.cart,
            Some("holds") => &self.hold,
            Some("3ds" | "api") => &self.challenge,
            // A journey that is none: a scene that is one would empty the house.
            Some("demo") => "x",
            // Their own slices prove that foreign people, keys, tasks, runs, lots and requests
            // do not exist.
            Some("demandes" | "lots" | "parametres" | "taches" | "traitements") => {
                "01k9zzzzzzzzzzzzzzzzzzzzzz"
            }
            Some("in" | "out") => "prf_01k9zzzzzzzzzzzzzzzzzzzzzz",
            Some("viewers") => "vwr_01k9zzzzzzzzzzzzzzzzzzzzzz",
            Some("reveal_links") => "rvl_01k9zzzzzzzzzzzzzzzzzzzzzz",
            Some("partners" | "shops" | "partner_applications") => "ptn_01k9zzzzzzzzzzzzzzzzzzzzzz",
            _ => "",
        };
        let token =
            if endpoint.path.starts_with("/s/") { &self.basket_token } else { &self.waiting_token };
        let style = open(&format!("{}/connexion", self.demo.app()));
        let style = style.html.split('"').find(|part| part.contains("/assets/guichet.")).unwrap();
        let path = endpoint
            .path
            .replace("{id}", id)
            .replace("{key}", "vk_in_x")
            .replace("{token}", token)
            .replace("{slug}", text(&self.demo.merchant(0)["slug"]))
            .replace("{secret}", &self.secret)
            .replace("{card}", &self.card)
            .replace("{seq}", "0")
            .replace("{merchant}", text(&self.demo.merchant(0)["id"]))
            .replace("{shop}", text(&self.demo.merchant(0)["shop"]))
            .replace("{tariff}", &self.tariff)
            .replace("{formula}", &self.formula)
            .replace("{photo}", "pho_01k9zzzzzzzzzzzzzzzzzzzzzz")
            .replace("{key}", "payer_receipt")
            .replace("{account}", "sandbox")
            .replace("{number}", "CBK-1")
            .replace("{answer}", "entend")
            .replace("{index}", "0")
            .replace("{digits}", "497010")
            .replace("{shop}", text(&self.demo.merchant(0)["shop"]))
            .replace("{file}", style.trim_start_matches("/assets/"));
        assert!(!path.contains(['{', '}']) && !path.contains("//"), "teach the scene {path}");
        let file = endpoint.reads() && path.ends_with("/export");
        if file { format!("{path}?format=csv-virgule") } else { path }
    }

    pub(super) fn person(&self, role: &str, place: usize) -> &Person {
        self.people.iter().find(|one| one.role == role && one.place == place).unwrap()
    }

    /// A right request of a program for this address, naming the hotel's own things.
    pub(super) fn body(&self, endpoint: &Endpoint) -> Option<Value> {
        let shop = &self.demo.merchant(0)["shop"];
        let stay = Stay { lodging: &self.lodging, formula: &self.formula };
        Some(match (endpoint.method, endpoint.path) {
            ("POST", "/v1/bookings/{id}/cancel") => json!({ "reason": "walk" }),
            ("POST", "/v1/bookings/{id}/recorded_transactions") => json!({
                "kind": "debit", "means": "terminal", "amount": 100, "currency": "EUR",
                "reference": "walk", "at": "2026-06-01T09:00:00Z",
            }),
            ("POST", "/v1/capture_sessions") => json!({
                "shop": shop, "purpose": "payment", "return_url": "http://127.0.0.1:9/back",
            }),
            ("POST", "/v1/carts") => json!({ "shop": shop, "lines": [stay.line()] }),
            ("POST", "/v1/bookings") => {
                json!({ "shop": shop, "lines": [stay.line()], "contact": contact("walk") })
            }
            ("PUT", "/v1/carts/{id}/contact") => contact("walk"),
            ("POST", "/v1/carts/{id}/lines") => stay.line(),
            ("POST", "/v1/holds") => stay.hold(),
            ("POST", "/v1/webhook_endpoints") => json!({
                "shop": shop, "url": NOBODY, "events": ["*"],
            }),
            ("PATCH", "/v1/webhook_endpoints/{id}") => json!({ "description": "walk" }),
            ("POST", "/v1/webhook_endpoints/{id}/replay") => json!({
                "since": "2026-06-15T00:00:00Z", "state": "failed",
            }),
            ("POST", "/v1/notification_rules") => json!({
                "shop": shop, "events": ["payment.refused"], "target": "merchant_mail",
            }),
            ("PATCH", "/v1/notification_rules/{id}") => json!({ "name": "walk" }),
            ("PATCH", "/v1/lodgings/{id}") => json!({ "policy": "cheapest" }),
            ("PUT", "/v1/lodgings/{id}/tariffs") => json!({ "replace": true, "periods": [{
                "formula": self.formula, "from": "2026-07-01", "to": "2026-07-31",
                "nights": [1], "per_stay": 100,
            }] }),
            ("POST", "/v1/payments") => json!({
                "shop": shop, "amount": 500, "currency": "EUR", "order_ref": "CMD-walk",
            }),
            ("POST", "/v1/payments/{id}/refunds") => {
                json!({ "amount": 100, "expected_refundable": 5_000 })
            }
            ("POST", "/v1/stays/search") => json!({
                "shop": shop, "arrival": DATES.0, "departure": DATES.1, "guests": GUESTS(),
            }),
            ("POST", "/v1/test/clock") => json!({ "shop": shop, "by": "P1D" }),
            ("POST", _) => json!({}),
            _ => return None,
        })
    }

    /// The request a program would send; a key of idempotency where one is asked.
    pub(super) fn knock(&self, endpoint: &Endpoint) -> Knock {
        let knock = Knock::json(self.body(endpoint).as_ref());
        if endpoint.reads() { knock } else { knock.with("idempotency-key", endpoint.path) }
    }

    /// Everything of the hotel that a stranger could have changed.
    pub(super) fn truth(&self) -> Value {
        let shop = text(&self.demo.merchant(0)["shop"]);
        let paths = [
            "/v1/payments".to_owned(),
            format!("/v1/payments/{}/operations", self.payment),
            "/v1/bookings".to_owned(),
            format!("/v1/bookings/{}", self.booking),
            format!("/v1/carts/{}", self.cart),
            format!("/v1/holds/{}", self.hold),
            format!("/v1/lodgings?shop={shop}"),
            format!("/v1/cards/{}", self.card),
            format!("/v1/chargebacks/{}", self.chargeback),
            format!("/v1/test/clock?shop={shop}"),
        ];
        let mut truth: Vec<Value> = paths.iter().map(|path| self.read(0, path)).collect();
        truth.push(self.read(1, "/v1/payments"));
        truth.push(self.read(1, "/v1/bookings"));
        truth.push(self.demo.bank_operations().into());
        truth.into()
    }

    fn read(&self, place: usize, path: &str) -> Value {
        let answer = self.demo.call_as(self.demo.api_key(place), ("GET", path), None, None);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }
}

const DATES: (&str, &str) = ("2026-06-22", "2026-06-24");
const GUESTS: fn() -> Value = || json!([{ "bracket": "adult", "count": 2 }]);

/// Two nights in a lodging of the hotel.
struct Stay<'a> {
    lodging: &'a str,
    formula: &'a str,
}

impl Stay<'_> {
    fn line(&self) -> Value {
        json!({
            "kind": "stay", "lodging": self.lodging, "formula": self.formula,
            "arrival": DATES.0, "departure": DATES.1, "guests": GUESTS(),
        })
    }

    fn hold(&self) -> Value {
        json!({
            "lines": [{
                "resource": self.lodging, "quantity": 1,
                "arrival": DATES.0, "departure": DATES.1,
            }],
            "contact": { "last_name": "Roy", "email": "anne@example.org" },
        })
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

/// The last part of the path of an address.
fn last_part(url: &str) -> String {
    let path = url.split('?').next().unwrap();
    path.rsplit('/').next().unwrap().to_owned()
}

fn people(demo: &Demo) -> Vec<Person> {
    let mut people = Vec::new();
    for place in [0, 1] {
        for user in demo.merchant(place)["users"].as_array().unwrap() {
            let email = text(&user["email"]).to_owned();
            let knock = Knock::json(Some(&json!({ "email": email })));
            let heard = send("POST", &format!("{}/demo/session", demo.app()), &knock);
            let cookie = heard.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
            let role = text(&user["role"]).to_owned();
            people.push(Person { email, role, place, cookie });
        }
    }
    people
}

/// A lodging with room for several parties, and its formula.
fn lodging(demo: &Demo) -> (String, String, String) {
    let body = json!({
        "shop": demo.merchant(0)["shop"], "arrival": DATES.0, "departure": DATES.1,
        "guests": GUESTS(),
    });
    let found = demo.call_as(demo.api_key(0), ("POST", "/v1/stays/search"), None, Some(&body)).body;
    let offers = found["data"].as_array().unwrap();
    let most = offers.iter().max_by_key(|offer| offer["units_left"].as_u64()).unwrap();
    assert!(most["units_left"].as_u64().unwrap() >= 4, "{most}");
    let tariff = &most["segments"][0]["tariff"];
    let own = |thing: &Value| text(thing).to_owned();
    (own(&most["lodging"]), own(&most["formula"]), own(tariff))
}

fn contact(name: &str) -> Value {
    json!({
        "last_name": "Roy", "first_name": name, "email": format!("{name}@example.org"),
        "phone": "+33241501234", "language": "fr",
    })
}

fn cart(demo: &Demo, stay: &Stay<'_>, name: &str) -> String {
    let body = json!({ "shop": demo.merchant(0)["shop"], "lines": [stay.line()] });
    let cart = demo.post("/v1/carts", name, &body).body;
    let id = text(&cart["id"]).to_owned();
    let held = demo.put(&format!("/v1/carts/{id}/contact"), &contact(name));
    assert_eq!(held.status, 200, "{}", held.body);
    id
}

/// The paid deposit of a firm booking.
fn deposit(demo: &Demo, stay: &Stay<'_>) -> Value {
    let cart = cart(demo, stay, "booked");
    let paying = demo.post(&format!("/v1/carts/{cart}/pay"), "pay", &json!({})).body;
    pay_and_approve(demo, text(&paying["url"]), CHALLENGE);
    demo.wait_for_status(text(&paying["payment"]), "captured")
}

/// A sale that the bank was told to contest, once the house has heard of it.
fn contested(demo: &Demo) -> String {
    let paid = demo.create_payment("contested", 2_000);
    pay_and_approve(demo, text(&paid["page_url"]), ACCEPTED);
    demo.fault("chargeback");
    let start = std::time::Instant::now();
    loop {
        let first = demo.get("/v1/chargebacks").body["data"][0].clone();
        if first.is_object() {
            assert_eq!(first["payment"], paid["id"]);
            return text(&first["id"]).to_owned();
        }
        assert!(start.elapsed() < PATIENCE, "no case was told");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// A basket as a guest makes it; gives the token of its address.
fn basket(demo: &Demo, stay: &Stay<'_>) -> String {
    let slug = text(&demo.merchant(0)["slug"]);
    let query = format!("arrival={}&departure={}&g_adult=2&search=1", DATES.0, DATES.1);
    let page = open(&format!("{}/s/{slug}?{query}&lodging={}", demo.app(), stay.lodging));
    let form = page.form_with("formula");
    last_part(&browser::submit(&page, &form, &[]).url)
}

/// An address of the hotel and a rule of its own.
fn endpoint(demo: &Demo) -> (String, String) {
    let body = json!({ "url": NOBODY, "events": ["*"] });
    let endpoint = demo.post("/v1/webhook_endpoints", "endpoint", &body);
    assert_eq!(endpoint.status, 201, "{}", endpoint.body);
    let body = json!({ "events": ["refund.refused"], "target": "merchant_mail" });
    let rule = demo.post("/v1/notification_rules", "rule", &body);
    assert_eq!(rule.status, 201, "{}", rule.body);
    (text(&endpoint.body["id"]).to_owned(), text(&rule.body["id"]).to_owned())
}

/// The first message to an address: its delivery and its event.
fn first_delivery(demo: &Demo, endpoint: &str) -> (String, String) {
    let path = format!("/v1/webhook_endpoints/{endpoint}/deliveries");
    let start = std::time::Instant::now();
    loop {
        let first = demo.get(&path).body["data"][0].clone();
        if first.is_object() {
            return (text(&first["id"]).to_owned(), text(&first["event"]).to_owned());
        }
        assert!(start.elapsed() < PATIENCE, "no event was told");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
