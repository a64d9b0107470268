//! Forms and frames of a shop's own site.

use super::house::{APP, House, Reply, payment};

const SITE: &str = "https://tuffeaux.example";
const STRANGER: &str = "https://elsewhere.example";
const CARD: &str = "number=4242424242424242&exp=12/30&code=123&holder=Anne&brand=&save=";

/// A page whose card comes from the shop's own form.
fn page_for_form(house: &House) -> String {
    let mut request = house.request(payment(1));
    request.form_origin = Some(SITE.into());
    house.page(&request)
}

/// A form of another site, as a browser sends it.
fn post_from(house: &House, origin: &str, page: &str, form: &str) -> Reply {
    sent(house, &[("origin", origin), ("sec-fetch-mode", "navigate")], page, form)
}

/// The same by a script.
fn fetch_from(house: &House, origin: &str, page: &str, form: &str) -> Reply {
    sent(house, &[("origin", origin), ("sec-fetch-mode", "cors")], page, form)
}

fn sent(house: &House, headers: &[(&str, &str)], page: &str, form: &str) -> Reply {
    let usual = [
        ("content-type", "application/x-www-form-urlencoded;charset=UTF-8"),
        ("sec-fetch-site", "cross-site"),
    ];
    let headers = [&usual, headers].concat();
    house.send(&format!("POST {page} HTTP/1.1\r\n"), &headers, form)
}

fn ask_first(house: &House, origin: &str, page: &str) -> Reply {
    let headers = [("origin", origin), ("access-control-request-method", "POST")];
    house.send(&format!("OPTIONS {page} HTTP/1.1\r\n"), &headers, "")
}

#[test]
fn v_18_the_form_of_the_one_site_is_taken_and_no_other() {
    let house = House::open();
    let page = page_for_form(&house);
    for origin in [STRANGER, "null", "https://tuffeaux.example.elsewhere.example"] {
        for _ in 0..6 {
            let refused = post_from(&house, origin, &page, CARD);
            assert_eq!(refused.status, 403, "{origin}");
            assert!(refused.has("n&#39;a pas été pris en compte") && !refused.has("débité"));
        }
        let refused = fetch_from(&house, origin, &page, CARD);
        assert_eq!(
            (refused.status, refused.json()["code"].as_str()),
            (403, Some("origin_not_allowed"))
        );
        assert_eq!(refused.header("access-control-allow-origin"), "", "{origin}");
    }
    let wrong = post_from(&house, SITE, &page, "number=4242424242424242&exp=12/20&code=123");
    assert_eq!(wrong.status, 422, "what strangers sent was not counted");
    assert!(wrong.has("Cette carte est expirée") && wrong.has("•••• 4242"), "{}", wrong.body);
    assert!(!wrong.has("4242424242424242") && wrong.has("name=\"code\""));
    let sent = post_from(&house, SITE, &page, CARD);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let card = house.redeem(&sent, Some(payment(1))).unwrap().card;
    assert_eq!((card.last4.as_str(), card.holder_initials.as_deref()), ("4242", Some("A.")));
    let again = post_from(&house, SITE, &page, CARD);
    assert_eq!(again.header("location"), sent.header("location"), "one success, told again");

    let usual = house.page(&house.request(payment(2)));
    assert_eq!(post_from(&house, SITE, &usual, CARD).status, 403, "no form was asked for there");
    assert_eq!(ask_first(&house, SITE, &usual).status, 405);
    let older = [("content-type", "application/x-www-form-urlencoded"), ("origin", STRANGER)];
    let line = format!("POST {usual} HTTP/1.1\r\n");
    assert_eq!(house.send(&line, &older, CARD).status, 403, "a browser that says only the origin");
    let own = house.config.public_url.clone();
    let own = [("content-type", "application/x-www-form-urlencoded"), ("origin", own.as_str())];
    assert_eq!(house.send(&line, &own, CARD).status, 303, "the page's own form");
}

#[test]
fn v_18_a_script_of_the_site_reads_what_is_wrong_and_where_to_go() {
    let house = House::open();
    let page = page_for_form(&house);
    let let_in = ask_first(&house, SITE, &page);
    assert_eq!(let_in.status, 204);
    assert_eq!(let_in.header("access-control-allow-origin"), SITE);
    assert_eq!(let_in.header("access-control-allow-methods"), "POST");
    assert_eq!(let_in.header("access-control-allow-headers"), "accept, content-type");
    assert_eq!(let_in.header("access-control-allow-credentials"), "", "no cookie, ever");
    let refused = ask_first(&house, STRANGER, &page);
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (405, ""));

    let wrong = fetch_from(&house, SITE, &page, "number=4242424242424241&exp=12/20&code=1&brand=");
    assert_eq!((wrong.status, wrong.header("content-type")), (422, "application/problem+json"));
    assert_eq!(
        (wrong.header("access-control-allow-origin"), wrong.header("vary")),
        (SITE, "Origin")
    );
    let told = wrong.json();
    let paths: Vec<&str> =
        told["errors"].as_array().unwrap().iter().map(|e| e["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["$.number", "$.exp", "$.code"]);
    assert_eq!(told["errors"][1]["message"], "Cette carte est expirée");
    assert!(!wrong.has("4242"), "nothing typed comes back");

    let two = "number=4970100000000154&exp=12/30&code=123";
    let asked = fetch_from(&house, SITE, &page, two);
    assert_eq!((asked.status, asked.json()["code"].as_str()), (422, Some("brand_required")));
    assert_eq!(asked.json()["choices"], serde_json::json!(["cb", "visa"]));
    let json = [("content-type", "application/json"), ("origin", SITE), ("sec-fetch-mode", "cors")];
    let headers = [&json[..], &[("sec-fetch-site", "cross-site")]].concat();
    let other = house.send(&format!("POST {page} HTTP/1.1\r\n"), &headers, "{}");
    assert_eq!((other.status, other.header("access-control-allow-origin")), (415, SITE));
    let long = fetch_from(&house, SITE, &page, &"x".repeat(40_000));
    assert_eq!((long.status, long.json()["code"].as_str()), (413, Some("too_large")));
    assert_eq!((long.header("access-control-allow-origin"), long.header("vary")), (SITE, "Origin"));
    let strange = fetch_from(&house, STRANGER, &page, &"x".repeat(40_000));
    assert_eq!((strange.status, strange.header("access-control-allow-origin")), (413, ""));
    let person = post_from(&house, SITE, &page, &"x".repeat(40_000));
    assert!(person.status == 413 && person.header("content-type").starts_with("text/html"));
    assert_eq!(house.get(&page).header("vary"), "Origin");
    assert_eq!(fetch_from(&house, STRANGER, &page, two).header("vary"), "Origin");

    let done = fetch_from(&house, SITE, &page, &format!("{two}&brand=visa"));
    assert_eq!((done.status, done.header("access-control-allow-origin")), (200, SITE));
    let told = done.json();
    let id = told["capture"].as_str().unwrap();
    assert_eq!(told["redirect"], format!("{APP}/p/token/retour?capture={id}"));
    assert_eq!(fetch_from(&house, SITE, &page, two).json(), told, "one success, told again");
    assert_eq!(house.get(&page).header("access-control-allow-origin"), "", "the page is not read");
    let unknown = fetch_from(&house, SITE, "/v/c/unknown", two);
    assert_eq!((unknown.status, unknown.header("access-control-allow-origin")), (403, ""));
}

#[test]
fn v_18_the_guard_against_card_testing_holds_for_a_form_of_one_s_own() {
    let house = House::open();
    let numbers = [
        "4242424242424242",
        "5555555555554444",
        "4111111111111111",
        "5207000000000000",
        "4000002760003184",
        "4000000000000002",
    ];
    let page = page_for_form(&house);
    for (n, number) in numbers.iter().enumerate() {
        let form = format!("number={number}&exp=12/20&code=123&brand=");
        let answer = fetch_from(&house, SITE, &page, &form);
        assert_eq!(answer.status, if n < 5 { 422 } else { 410 }, "{number}: {}", answer.body);
    }
    let shut = fetch_from(&house, SITE, &page, CARD);
    assert_eq!((shut.status, shut.json()["code"].as_str()), (410, Some("capture_closed")));
    assert_eq!(shut.header("access-control-allow-origin"), SITE);
    let page = page_for_form(&house);
    for _ in 0..10 {
        assert_eq!(post_from(&house, SITE, &page, "number=&exp=&code=").status, 422);
    }
    assert_eq!(post_from(&house, SITE, &page, CARD).status, 410);
}

#[test]
fn v_18_a_frame_is_for_this_page_and_this_site_alone() {
    let house = House::open();
    let mut request = house.request(payment(1));
    request.frame_origin = Some(SITE.into());
    let page = house.page(&request);
    let ancestors = |reply: &Reply| {
        let csp = reply.header("content-security-policy").to_owned();
        let part = csp.split("; ").find(|part| part.starts_with("frame-ancestors"));
        part.unwrap().to_owned()
    };
    let framed = format!("frame-ancestors {SITE}");
    assert_eq!(ancestors(&house.get(&page)), framed);
    let wrong = house.post(&page, "number=&exp=&code=");
    assert_eq!((wrong.status, ancestors(&wrong)), (422, framed.clone()));
    let two = house.post(&page, "number=4970100000000154&exp=12/30&code=123");
    assert!(two.has("Choisir la marque"), "{}", two.body);
    assert_eq!(ancestors(&two), framed);
    for _ in 0..9 {
        house.post(&page, "change=1&number=&exp=&code=");
    }
    let shut = house.get(&page);
    assert_eq!((shut.status, ancestors(&shut)), (410, framed));

    let demo = format!("frame-ancestors {APP}");
    for other in [house.page(&house.request(payment(2))), "/v/c/unknown".into(), "/v/r/x".into()] {
        assert_eq!(ancestors(&house.get(&other)), demo, "{other}");
    }
}

#[test]
fn v_18_form_and_frame_are_registered_origins() {
    let house = House::open();
    let refused = |form: Option<&str>, frame: Option<&str>| {
        let mut request = house.request(payment(1));
        request.form_origin = form.map(str::to_owned);
        request.frame_origin = frame.map(str::to_owned);
        match house.ask(&request) {
            Err(vault_wire::WireError::Refused(refused)) => {
                (refused.code, refused.path.unwrap_or_default())
            }
            other => panic!("{other:?}"),
        }
    };
    let is = |code: &str, path: &str| (code.to_owned(), path.to_owned());
    assert_eq!(refused(Some(STRANGER), None), is("form_origin_not_registered", "$.form_origin"));
    assert_eq!(refused(None, Some(STRANGER)), is("frame_origin_not_registered", "$.frame_origin"));
    let with_path = format!("{SITE}/form");
    assert_eq!(refused(Some(&with_path), None), is("invalid_field", "$.form_origin"));
    assert_eq!(refused(None, Some("https://*")), is("invalid_field", "$.frame_origin"));
}
