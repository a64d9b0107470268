//! Every door of `endpoints.txt`, as nobody, as another merchant, with the least right, with a
//! token of something else, from another site; and what every answer must carry.
//!
//! One demo serves a whole walk; what is wrong at any door is collected and told at the end.

mod frame;
mod knock;
mod list;
mod scene;
mod sign_in;

use serde_json::{Value, json};

use knock::{Heard, Knock, header_faults, send};
use list::{Endpoint, Kind, Need};
use scene::Scene;

/// A form with what any form of staff may ask.
const FORM: &str = "amount=1%2C00&reason=walk&policy=cheapest&form_token=walk&due=1&choice=approve";
/// Looks like a token, a secret, an id.
const RANDOM: &str = "01k9zzzzzzzzzzzzzzzzzzzzzz";

struct Walk {
    scene: Scene,
    faults: Vec<String>,
}

impl Walk {
    fn new() -> Self {
        Self { scene: Scene::new(), faults: Vec::new() }
    }

    /// Knocks at an address and looks at the headers of the answer.
    fn hear(&mut self, endpoint: &Endpoint, path: &str, knock: &Knock) -> Heard {
        let url = format!("{}{path}", self.scene.origin(endpoint.kind));
        let heard = send(endpoint.method, &url, knock);
        let faults = header_faults(&self.scene, endpoint, &heard).into_iter();
        for fault in faults.chain(frame::faults(&heard)) {
            self.faults.push(format!("{} {path} ({}): {fault}", endpoint.method, heard.status));
        }
        heard
    }

    fn must(&mut self, who: &str, endpoint: &Endpoint, heard: &Heard, right: bool) {
        if !right {
            let Endpoint { method, path, .. } = endpoint;
            let text: String = crate::browser::readable(&heard.text).chars().take(300).collect();
            let status = heard.status;
            self.faults.push(format!("{who} at {method} {path}: {status} {text}"));
        }
    }

    /// Knocks as someone and compares the status.
    fn answers(&mut self, who: &str, (endpoint, path): (&Endpoint, &str), knock: &Knock, is: u16) {
        let heard = self.hear(endpoint, path, knock);
        self.must(who, endpoint, &heard, heard.status == is);
    }

    fn end(self) {
        self.scene.demo.assert_sound();
        let count = self.faults.len();
        assert!(self.faults.is_empty(), "{count} faults:\n{}", self.faults.join("\n"));
    }
}

fn of(kinds: &[Kind]) -> Vec<Endpoint> {
    list::all().into_iter().filter(|endpoint| kinds.contains(&endpoint.kind)).collect()
}

#[test]
fn q_41_no_door_opens_to_strangers_foreigners_and_the_powerless() {
    let mut walk = Walk::new();
    let before = walk.scene.truth();
    staff_pages(&mut walk);
    api(&mut walk);
    foreign_names(&mut walk);
    tokens(&mut walk);
    vault(&mut walk);
    let after = walk.scene.truth();
    if before != after {
        walk.faults.push(format!("something changed:\n{before}\n{after}"));
    }
    foreign_notes(&mut walk);
    own_things_are_there(&mut walk);
    walk.end();
}

/// Ids of the hotel that the museum writes down on its own things: they are not known there.
fn foreign_notes(walk: &mut Walk) {
    let demo = &walk.scene.demo;
    let note = json!({
        "amount": 500, "currency": "EUR", "order_ref": "CMD-note", "booking": walk.scene.booking,
    });
    let page = json!({
        "shop": demo.merchant(1)["shop"], "purpose": "payment",
        "return_url": "http://127.0.0.1:9/", "card": walk.scene.card,
    });
    let mut faults = Vec::new();
    for (path, body, member) in
        [("/v1/payments", note, "$.booking"), ("/v1/capture_sessions", page, "$.card")]
    {
        let answer = demo.call_as(demo.api_key(1), ("POST", path), Some(member), Some(&body));
        if answer.status != 422 || answer.body["errors"][0]["path"] != member {
            faults.push(format!("{path}: {} {}", answer.status, answer.body));
        }
    }
    walk.faults.extend(faults);
}

fn staff_pages(walk: &mut Walk) {
    for endpoint in of(&[Kind::Staff]) {
        let Some(right) = endpoint.right() else { continue };
        let path = walk.scene.path(&endpoint);
        let knock = if endpoint.reads() { Knock::default() } else { Knock::form(FORM) };
        let heard = walk.hear(&endpoint, &path, &knock);
        walk.must("nobody", &endpoint, &heard, heard.asks_to_sign_in());
        let heard = walk.hear(&endpoint, &path, &knock.clone().cookie("guichet=unknown"));
        walk.must("an old cookie", &endpoint, &heard, heard.asks_to_sign_in());
        let owner = knock.clone().cookie(&walk.scene.person("owner", 1).cookie);
        if endpoint.has_id() {
            walk.answers("the museum's owner", (&endpoint, &path), &owner, 404);
        } else {
            let heard = walk.hear(&endpoint, &path, &owner);
            // What the walk posts is no whole form: it comes back with its faults.
            let fine = if endpoint.reads() { 200..=200 } else { 303..=422 };
            let clean = fine.contains(&heard.status) && !shows_hotel(&walk.scene, &heard.text);
            walk.must("the museum's owner", &endpoint, &heard, clean);
        }
        powerless(walk, (&endpoint, &path), &knock, right);
    }
}

/// Those whose role lacks the right read its name; those who have it come in.
fn powerless(
    walk: &mut Walk,
    (endpoint, path): (&Endpoint, &str),
    knock: &Knock,
    right: kernel::Right,
) {
    let people: Vec<(String, String, bool, usize)> = walk
        .scene
        .people
        .iter()
        .map(|one| {
            let rights = identity::roles::preset(&one.role).unwrap().rights();
            (one.email.clone(), one.cookie.clone(), rights.contains(&right), one.place)
        })
        .collect();
    assert!(people.iter().any(|(_, _, may, _)| !may), "nobody lacks {}", right.as_str());
    for (email, cookie, may, place) in people {
        let knock = knock.clone().cookie(&cookie);
        if !may {
            let heard = walk.hear(endpoint, path, &knock);
            let named = heard.status == 403 && heard.text.contains(right.as_str());
            walk.must(&email, endpoint, &heard, named);
        } else if endpoint.reads() && place == 0 && !is_made_up(endpoint) {
            let heard = walk.hear(endpoint, path, &knock);
            walk.must(&email, endpoint, &heard, matches!(heard.status, 200 | 303));
        }
    }
}

/// Whether an answer names something of the hotel.
fn shows_hotel(scene: &Scene, text: &str) -> bool {
    let things = [
        &scene.payment,
        &scene.chargeback,
        &scene.fresh_payment,
        &scene.waiting_payment,
        &scene.booking,
        &scene.cart,
        &scene.hold,
        &scene.lodging,
        &scene.card,
        &scene.endpoint,
        &scene.event,
        &scene.delivery,
        &scene.rule,
    ];
    things.into_iter().any(|thing| text.contains(thing.as_str()))
}

fn api(walk: &mut Walk) {
    let demo = &walk.scene.demo;
    let key = |place: usize, name: &str| demo.merchant(place)[name].as_str().unwrap().to_owned();
    let (museum, vault) = (key(1, "api_key"), key(0, "vault_key"));
    let (scan, read) = (key(0, "api_key_scan"), key(0, "api_key_read"));
    let live = key(0, "api_key").replace("gk_test_", "gk_live_");
    for endpoint in of(&[Kind::Api]) {
        if endpoint.need == Need::Nothing {
            continue;
        }
        let path = walk.scene.path(&endpoint);
        let knock = walk.scene.knock(&endpoint);
        walk.answers("nobody", (&endpoint, &path), &knock, 401);
        let cookie = walk.scene.person("owner", 0).cookie.clone();
        walk.answers("a session", (&endpoint, &path), &knock.clone().cookie(&cookie), 401);
        for (who, key) in [
            ("an unknown key", "gk_test_nothing"),
            ("a key of the other mode", live.as_str()),
            ("a key of the vault", vault.as_str()),
        ] {
            walk.answers(who, (&endpoint, &path), &knock.clone().key(key), 401);
        }
        for (who, key, held) in [
            ("the gate's key", &scan, kernel::Right::AccessScan),
            ("the reader's key", &read, kernel::Right::PaymentsRead),
        ] {
            let heard = walk.hear(&endpoint, &path, &knock.clone().key(key));
            let fits = match endpoint.right() {
                Some(right) if right != held => {
                    heard.status == 403 && heard.json()["right"] == right.as_str()
                }
                _ => heard.status == 200,
            };
            walk.must(who, &endpoint, &heard, fits);
        }
        foreign_key(walk, &endpoint, &museum);
    }
}

fn foreign_key(walk: &mut Walk, endpoint: &Endpoint, museum: &str) {
    let mut path = walk.scene.path(endpoint);
    let lists = endpoint.reads() && !endpoint.has_id();
    let knock = walk.scene.knock(endpoint).key(museum);
    if lists {
        let heard = walk.hear(endpoint, &path, &knock);
        let empty = heard.status == 200 && !shows_hotel(&walk.scene, &heard.text);
        walk.must("the museum's key", endpoint, &heard, empty);
        path = format!("{path}?shop={}", walk.scene.demo.merchant(0)["shop"].as_str().unwrap());
    }
    let heard = walk.hear(endpoint, &path, &knock);
    // No key of a merchant has the operator's rights.
    let operators = endpoint.right() == Some(kernel::Right::VaultOperator);
    let hidden = match (lists, operators) {
        (true, _) => !shows_hotel(&walk.scene, &heard.text),
        (_, true) => heard.status == 403,
        _ => heard.status == 404,
    };
    walk.must("the museum's key", endpoint, &heard, hidden);
}

/// Requests about the museum's own shop that name a thing of the hotel.
fn foreign_names(walk: &mut Walk) {
    let museum = walk.scene.demo.merchant(1)["shop"].clone();
    let key = walk.scene.demo.api_key(1).to_owned();
    let scene = &walk.scene;
    let payment = |name: &str, thing: &str| {
        json!({
            "shop": museum, "amount": 500, "currency": "EUR", "order_ref": "CMD-foreign",
            name: thing,
        })
    };
    let in_own_shop = |path: &str| {
        let endpoint = of(&[Kind::Api]).into_iter().find(|e| e.path == path && e.method == "POST");
        let mut body = scene.body(&endpoint.unwrap()).unwrap();
        if body["shop"].is_string() {
            body["shop"] = museum.clone();
        }
        body
    };
    let point = scene.demo.merchant(0)["point_of_sale"].as_str().unwrap();
    let wishes: Vec<(&str, Value)> = vec![
        ("/v1/payments", payment("card", &scene.card)),
        ("/v1/payments", payment("point_of_sale", point)),
        ("/v1/carts", in_own_shop("/v1/carts")),
        ("/v1/holds", in_own_shop("/v1/holds")),
    ];
    for (path, body) in wishes {
        let endpoint = of(&[Kind::Api]).into_iter().find(|e| e.path == path && e.method == "POST");
        let endpoint = endpoint.unwrap();
        let knock = Knock::json(Some(&body)).key(&key).with("idempotency-key", body.to_string());
        let heard = walk.hear(&endpoint, path, &knock);
        let refused = matches!(heard.status, 404 | 422);
        walk.must(&format!("the museum's key with {body}"), &endpoint, &heard, refused);
    }
}

fn tokens(walk: &mut Walk) {
    for endpoint in of(&[Kind::PublicPage, Kind::PayerToken]) {
        let knock = if endpoint.reads() { Knock::default() } else { Knock::form(FORM) };
        let own = walk.scene.path(&endpoint);
        let token = if endpoint.path.starts_with("/s/") {
            walk.scene.basket_token.clone()
        } else {
            walk.scene.waiting_token.clone()
        };
        let mut wrong = vec![own.replace("/hotel-des-tuffeaux", "/nowhere")];
        if endpoint.kind == Kind::PayerToken {
            let other = if endpoint.path.starts_with("/s/") {
                walk.scene.waiting_token.clone()
            } else {
                walk.scene.basket_token.clone()
            };
            wrong.push(own.replace("/hotel-des-tuffeaux", "/musee-de-la-batellerie"));
            for shown in [RANDOM, "x", &other, &walk.scene.secret, &walk.scene.payment.clone()] {
                wrong.push(own.replace(&token, shown));
            }
        }
        for path in wrong.iter().filter(|path| **path != own) {
            let heard = walk.hear(&endpoint, path, &knock);
            let page =
                heard.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
            walk.must(
                &format!("a guest with {path}"),
                &endpoint,
                &heard,
                heard.status == 404 && page,
            );
        }
    }
}

fn vault(walk: &mut Walk) {
    let key = |walk: &Walk, place: usize| {
        walk.scene.demo.merchant(place)["vault_key"].as_str().unwrap().to_owned()
    };
    let (hotel, museum) = (key(walk, 0), key(walk, 1));
    let api = walk.scene.demo.api_key(0).to_owned();
    for endpoint in of(&[Kind::VaultApi]) {
        if endpoint.need != Need::VaultKey {
            continue;
        }
        let path = walk.scene.path(&endpoint);
        let body = json!({ "pan": "4970100000000154", "exp_month": 3, "exp_year": 2029 });
        let knock = Knock::json((!endpoint.reads()).then_some(&body)).with("idempotency-key", "w");
        walk.answers("nobody", (&endpoint, &path), &knock, 401);
        let live = hotel.replace("vk_test_", "vk_live_");
        for (who, key) in [
            ("an unknown key", "vk_test_nothing"),
            ("a key of the other mode", live.as_str()),
            ("a key of the app", api.as_str()),
        ] {
            walk.answers(who, (&endpoint, &path), &knock.clone().key(key), 401);
        }
        if endpoint.has_id() {
            let knock = knock.key(&museum);
            walk.answers("the museum's key", (&endpoint, &path), &knock, 404);
        }
    }
    for endpoint in of(&[Kind::VaultPage]) {
        let knock = if endpoint.reads() { Knock::default() } else { Knock::form("number=4970") };
        let own = walk.scene.path(&endpoint);
        for shown in [RANDOM.to_owned(), "x".to_owned(), walk.scene.fresh_token.clone()] {
            let path = own.replace(&walk.scene.secret, &shown);
            walk.answers("a guest with another secret", (&endpoint, &path), &knock, 404);
        }
    }
}

/// Whether the scene has no such thing of its own: the tests of its slice come in there.
fn is_made_up(endpoint: &Endpoint) -> bool {
    let places = ["/parametres/cles/{", "/parametres/utilisateurs/{", "/taches/{", "/invitation/"];
    let others = [
        "/authentification/{",
        "/carte/{",
        "/traitements/{",
        "/demandes/{",
        "/lots/",
        "/cartes/{id}/encaisser",
        "/theme/",
        "/s/{slug}/photo/",
        "/m/{token}",
        "/catalogue/photo/",
        "/v/p/",
        "/v/r/",
        "/v1/partners/{",
        "/v1/reveal_links/{",
        "/v1/viewers/{",
    ];
    places.iter().chain(&others).any(|place| endpoint.path.starts_with(place))
}

/// The same addresses with the right hands: the walk did not knock at walls.
fn own_things_are_there(walk: &mut Walk) {
    let key = walk.scene.demo.api_key(0).to_owned();
    let vault_key = walk.scene.demo.merchant(0)["vault_key"].as_str().unwrap().to_owned();
    let cookie = walk.scene.person("owner", 0).cookie.clone();
    let there = |endpoint: &Endpoint| endpoint.reads() && !is_made_up(endpoint);
    for endpoint in list::all().into_iter().filter(there) {
        let path = walk.scene.path(&endpoint);
        let knock = match endpoint.kind {
            Kind::Api => Knock::default().key(&key),
            Kind::VaultApi => Knock::default().key(&vault_key),
            _ => Knock::default().cookie(&cookie),
        };
        let path = match endpoint.path {
            "/api/operations" => format!("{path}?ref=none"),
            "/v1/log/{merchant}/proof/inclusion" => format!("{path}?seq=0"),
            "/v1/log/{merchant}/proof/consistency" => format!("{path}?old=1"),
            _ => path,
        };
        let heard = walk.hear(&endpoint, &path, &knock);
        let there = match endpoint.path {
            "/api/operations" | "/s/{slug}/panier/{token}/sejour.ics" => heard.status == 404,
            _ => matches!(heard.status, 200 | 303),
        };
        walk.must("the owner", &endpoint, &heard, there);
    }
}

#[test]
fn q_43_no_other_site_acts_and_no_other_method_is_taken() {
    let mut walk = Walk::new();
    let before = walk.scene.truth();
    other_sites(&mut walk);
    other_methods(&mut walk);
    unknown_addresses(&mut walk);
    let after = walk.scene.truth();
    if before != after {
        walk.faults.push(format!("something changed:\n{before}\n{after}"));
    }
    walk.end();
}

/// What a page of another site can make a browser send, with the session of the owner.
fn other_sites(walk: &mut Walk) {
    let cookie = walk.scene.person("owner", 0).cookie.clone();
    for endpoint in list::all().into_iter().filter(|endpoint| !endpoint.reads()) {
        let path = walk.scene.path(&endpoint);
        let wanted = match endpoint.kind {
            // No key is asked for; a page of another site is.
            _ if endpoint.path == "/v1/partner_applications" => 403,
            // A browser shows no key that it does not have.
            Kind::Api | Kind::VaultApi => 401,
            // Reports come without a session, and change nothing.
            Kind::Asset | Kind::VaultAsset => continue,
            // A bank's own server sends the payer back; the bank is asked, the post is not read.
            _ if endpoint.path == "/p/{token}/3ds/retour" => 303,
            _ => 403,
        };
        let form = Knock::form(FORM).cookie(&cookie);
        for site in ["cross-site", "same-site"] {
            let knock = form.clone().with("sec-fetch-site", site);
            walk.answers(site, (&endpoint, &path), &knock, wanted);
        }
        if matches!(endpoint.kind, Kind::Staff | Kind::PayerToken | Kind::PublicPage) {
            for origin in ["https://elsewhere.example", "null"] {
                let knock = form.clone().with("origin", origin);
                walk.answers(origin, (&endpoint, &path), &knock, wanted);
            }
        }
    }
}

fn other_methods(walk: &mut Walk) {
    let all = list::all();
    for endpoint in &all {
        let same = |other: &&Endpoint| {
            let door = |e: &Endpoint| (walk.scene.origin(e.kind).to_owned(), e.path);
            door(other) == door(endpoint)
        };
        let taken: Vec<&str> = all.iter().filter(same).map(|other| other.method).collect();
        let path = walk.scene.path(endpoint);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if taken.contains(&method) {
                continue;
            }
            let other = Endpoint { method, ..endpoint.clone() };
            let heard = walk.hear(&other, &path, &Knock::default());
            let allowed = heard.header("allow").unwrap_or_default().to_owned();
            let told = taken.iter().all(|method| allowed.contains(method));
            walk.must("anybody", &other, &heard, heard.status == 405 && told);
        }
        // A browser asks so before it sends a request of another site with a key.
        let asks = Endpoint { method: "OPTIONS", ..endpoint.clone() };
        let knock = Knock::default()
            .with("origin", "https://elsewhere.example")
            .with("access-control-request-method", endpoint.method)
            .with("access-control-request-headers", "authorization");
        let heard = walk.hear(&asks, &path, &knock);
        walk.must("another site", &asks, &heard, heard.status == 405);
    }
}

fn unknown_addresses(walk: &mut Walk) {
    for (path, kind) in [
        ("/nothing-here", Kind::Staff),
        ("/v1/nothing", Kind::Staff),
        ("/caisse/", Kind::Staff),
        ("/nothing-here", Kind::VaultApi),
        ("/nothing-here", Kind::Bank),
    ] {
        for method in ["GET", "POST"] {
            let endpoint = Endpoint { method, path, kind, need: Need::Nothing };
            walk.answers("anybody", (&endpoint, path), &Knock::default(), 404);
        }
    }
}
