//! The card page as a guest meets it.

use kernel::rng::OsRng;
use kernel::{CustomerId, Locale};
use vault_wire::{Keep, Purpose};

use super::house::{APP, House, payment};

#[test]
fn u_54_an_empty_form_names_every_fault_and_keeps_nothing_of_the_card() {
    let house = House::open();
    let mut request = house.request(payment(1));
    request.display.ask_name = true;
    request.display.ask_email = true;
    let page = house.page(&request);
    let shown = house.post(&page, "number=&exp=&code=&holder=&email=");
    assert_eq!(shown.status, 422);
    assert!(shown.has("<title>Erreur\u{a0}: "), "{}", shown.body);
    assert!(shown.has("role=\"alert\""));
    for words in [
        "Saisissez le numéro de carte",
        "Saisissez la date d&#39;expiration au format MM/AA",
        "Saisissez le code de sécurité (3 chiffres au dos)",
        "Saisissez le nom inscrit sur la carte",
        "Saisissez une adresse e-mail, par exemple nom@exemple.fr",
    ] {
        assert!(shown.has(words), "{words}: {}", shown.body);
    }
    let form = "number=4242+4242+4242+4241&exp=12/20&code=12&holder=Anne&email=a@example.org";
    let shown = house.post(&page, form);
    assert!(shown.has("Vérifiez les chiffres du numéro de carte"));
    assert!(shown.has("Cette carte est expirée") && shown.has("compte 3 chiffres"));
    assert!(shown.has("value=\"Anne\"") && shown.has("value=\"a@example.org\""));
    for typed in ["4242", "12/20", "value=\"12\""] {
        assert!(!shown.has(typed), "{typed} came back");
    }
}

#[test]
fn u_35_u_83_amount_and_clock_stand_in_one_line_and_paying_stays_in_sight() {
    let house = House::open();
    let mut request = house.request(payment(1));
    let until = kernel::Timestamp::parse_rfc3339("2026-06-15T14:30:00Z").unwrap();
    request.display.hold_until = Some(until);
    let page = house.page(&request);
    let shown = house.get(&page);
    let at = |text: &str| shown.body.find(text).unwrap_or_else(|| panic!("{text}: {}", shown.body));
    let folded = &shown.body[at("<details class=\"summary\">")..at("</summary>")];
    assert!(folded.contains("100,80\u{a0}€"), "{folded}");
    assert!(folded.contains("Réservé pour vous jusqu&#39;à 16:30"), "in the shop's zone: {folded}");
    let bar = &shown.body[at("<div class=\"bar\">")..];
    let bar = &bar[..bar.find("</div>").unwrap()];
    assert!(bar.contains("100,80\u{a0}€") && bar.contains("type=\"submit\""), "{bar}");
    assert!(at("<form id=\"card\"") < at("<div class=\"bar\">"), "the button is the form's own");
    assert_eq!(shown.header("set-cookie"), "");
    assert!(shown.body.matches("<script").count() <= 1, "{}", shown.body);
}

#[test]
fn u_41_a_valid_number_is_kept_and_the_code_always_typed_again() {
    let house = House::open();
    let page = house.page(&house.request(payment(1)));
    let shown = house.post(&page, "number=4242424242424242&exp=12/30&code=1");
    assert!(shown.has("•••• 4242") && shown.has("Modifier") && shown.has("12/30"));
    assert!(!shown.has("name=\"number\""));
    let shown = house.get(&format!("{page}?change=1"));
    assert!(shown.has("name=\"number\"") && shown.has("name=\"change\""));
    let shown = house.post(&page, "change=1&number=&code=123");
    assert!(shown.has("Saisissez le numéro de carte"), "the kept number is not used");
    house.post(&page, "number=5555555555554444&exp=12/30&code=");
    let sent = house.post(&page, "code=123&exp=");
    assert_eq!(sent.status, 303, "{}", sent.body);
    let card = house.redeem(&sent, Some(payment(1))).unwrap().card;
    assert_eq!((card.last4.as_str(), card.exp_month, card.exp_year), ("4444", 12, 2030));
}

#[test]
fn u_40_without_script_the_brand_is_one_extra_step() {
    let house = House::open();
    let mut request = house.request(payment(1));
    request.display.offer_save = true;
    request.customer = Some(CustomerId::random(&OsRng));
    let page = house.page(&request);
    let shown = house.post(&page, "number=4970100000000154&exp=12/30&code=123&save=1");
    assert_eq!(shown.status, 200);
    assert!(shown.has("Marque de la carte") && shown.has("value=\"cb\" checked"));
    assert!(shown.has("value=\"visa\"") && !shown.has("123") && !shown.has("name=\"code\""));
    let sent = house.post(&page, "brand=visa&save=1");
    assert_eq!(sent.status, 303, "{}", sent.body);
    let redeemed = house.redeem(&sent, request.payment).unwrap();
    assert!(redeemed.save && !redeemed.card.single_use);
    assert_eq!(redeemed.card.preferred_brand, Some(vault_wire::Brand::Visa));
    assert_eq!(redeemed.card.co_brands, [vault_wire::Brand::Cb]);
}

#[test]
fn v_06_only_test_cards_and_accepted_brands_are_taken() {
    let house = House::open();
    let try_one = |number: &str| {
        let page = house.page(&house.request(payment(1)));
        house.post(&page, &format!("number={number}&exp=12/30&code=123")).body
    };
    assert!(try_one("4539578763621486").contains("seulement une carte d&#39;essai"));
    assert!(try_one("3566002020360505").contains("Les cartes JCB ne sont pas acceptées ici"));
    assert!(try_one("42424242").contains("incomplet"));
}

#[test]
fn p_153_a_page_takes_only_the_brands_its_payment_takes() {
    let house = House::open();
    let mut request = house.request(payment(1));
    request.brands = vec![vault_wire::Brand::Visa, vault_wire::Brand::Jcb];
    let page = house.page(&request);
    let shown = house.get(&page);
    assert!(shown.has("Visa") && !shown.has("Mastercard") && !shown.has("JCB"), "{}", shown.body);
    let sent = house.post(&page, "number=5555555555554444&exp=12/30&code=123");
    assert!(sent.has("Les cartes Mastercard ne sont pas acceptées ici"), "{}", sent.body);
    let both = house.post(&page, "number=4970100000000154&exp=12/30&code=123");
    assert_eq!(both.status, 303, "one brand is left: nothing to choose: {}", both.body);
}

#[test]
fn v_18_a_page_closes_after_ten_tries_or_five_numbers() {
    let house = House::open();
    let page = house.page(&house.request(payment(1)));
    for _ in 0..10 {
        assert_eq!(house.post(&page, "number=4242424242424242&exp=12/30&code=").status, 422);
    }
    let shown = house.post(&page, "number=4242424242424242&exp=12/30&code=123");
    assert_eq!(shown.status, 410);
    assert!(shown.has("Rien n&#39;a été débité") && shown.has(&format!("{APP}/p/token")));

    let page = house.page(&house.request(payment(2)));
    let numbers = [
        "4242424242424242",
        "4111111111111111",
        "4000002760003184",
        "5555555555554444",
        "5207000000000000",
    ];
    for number in numbers {
        assert_eq!(house.post(&page, &format!("number={number}&exp=12/30&code=")).status, 422);
    }
    assert_eq!(house.post(&page, "number=4000000000000002&exp=12/30&code=123").status, 410);
    assert_eq!(house.get(&page).status, 410);
    assert_eq!(house.get("/v/c/0123456789abcdefghjkmnpqrs").status, 404);
}

#[test]
fn p_70_another_language_keeps_what_was_typed_outside_the_card() {
    let house = House::open();
    let mut request = house.request(payment(1));
    request.display.ask_name = true;
    let page = house.page(&request);
    let shown = house.post(&page, "lang=en&number=4242424242424242&exp=12/30&code=123&holder=Anne");
    assert_eq!(shown.status, 200);
    assert!(shown.has("Card number") && shown.has("Pay €100.80"), "{}", shown.body);
    assert!(shown.has("value=\"Anne\"") && !shown.has("4242"));
    assert!(house.post(&page, "number=&exp=&code=").has("Enter the card number"));
    let sent = house.post(&page, "number=4242424242424242&exp=12/30&code=123");
    assert_eq!(house.redeem(&sent, request.payment).unwrap().lang, kernel::Locale::En);
}

#[test]
fn u_55_a_number_typed_as_name_is_refused_and_emptied() {
    let house = House::open();
    let mut request = house.request(payment(1));
    request.display.ask_name = true;
    let page = house.page(&request);
    let shown = house.post(&page, "number=&exp=12/30&code=123&holder=4242+4242+4242+4242");
    assert!(shown.has("Ne saisissez pas de numéro de carte dans ce champ"));
    assert!(!shown.has("4242"));
}

#[test]
fn v_18_the_consent_is_shown_when_the_card_is_kept() {
    let house = House::open();
    let mut request = house.request(payment(1));
    request.keep = Keep::Booking;
    request.display.button = Some("Payer l'acompte de 100,80 €".into());
    let shown = house.get(&house.page(&request));
    assert!(shown.has("garde cette carte pour votre séjour") && shown.has("3 jours après"));
    assert!(shown.has("Payer l&#39;acompte de 100,80 €"));
    assert!(shown.has("MODE TEST") && shown.has("Paiement sécurisé"));
    request.purpose = Purpose::Save;
    request.payment = None;
    assert_eq!(house.ask(&request).unwrap_err().code(), Some("invalid_field"));
}

#[test]
fn u_71_the_card_page_has_its_exact_headers() {
    let mut house = House::open();
    let mut request = house.request(payment(1));
    request.return_url = "https://tuffeaux.example/retour?x=1".into();
    let page = house.page(&request);
    let csp = |frames: &str| {
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             font-src 'self'; form-action 'self' {APP} https://tuffeaux.example; \
             frame-ancestors {frames}; base-uri 'none'; require-trusted-types-for 'script'; \
             trusted-types 'none'; report-to csp"
        )
    };
    let shown = house.get(&page);
    assert_eq!(shown.header("content-security-policy"), csp(APP), "framed by the app in the demo");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-robots-tag", "noindex"),
    ] {
        assert_eq!(shown.header(name), value, "{name}");
    }
    assert!(shown.header("strict-transport-security").contains("max-age="));
    assert!(shown.header("set-cookie").is_empty());
    assert!(!shown.has("<style") && !shown.has(" style=") && !shown.has("onclick"));
    let script = shown.body.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    let script = house.get(script);
    assert!(script.status == 200 && script.body.len() <= 15_000);
    assert!(shown.has("integrity=\"sha384-"));

    let sent = house.post(&page, "number=4242424242424242&exp=12/30&code=123");
    let location = sent.header("location");
    assert!(location.starts_with("https://tuffeaux.example/retour?x=1&capture=cap_"));
    house.kill();
    house.config.demo = false;
    house.config.same_user = Some("accepted: test".into());
    house.start();
    let page = house.page(&request);
    assert_eq!(house.get(&page).header("content-security-policy"), csp("'none'"));
}

#[test]
fn u_73_a_form_from_another_site_is_refused() {
    let house = House::open();
    let page = house.page(&house.request(payment(1)));
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let form = "number=4242424242424242&exp=12/30&code=123";
    let shown = house.send(&format!("POST {page} HTTP/1.1\r\n"), &headers, form);
    assert_eq!(shown.status, 403);
    let big = "x".repeat(40_000);
    assert_eq!(house.post(&page, &big).status, 413);
}

#[test]
fn u_60_all_eight_languages_have_every_word_and_the_same_variables() {
    let words = http::words::Catalogue::new(&[http::MESSAGES, crate::MESSAGES]).unwrap();
    assert_eq!((words.missing(), words.offered()), (&[][..], &Locale::ALL[..]));
    let polish = words.words(Locale::Pl);
    let tries = [1, 3, 5].map(|n| polish.count("vault-reveal-wrong", n));
    assert!(tries[0].ends_with("pozostała 1 próba"), "{tries:?}");
    assert!(tries[1].ends_with("pozostały 3 próby"), "{tries:?}");
    assert!(tries[2].ends_with("pozostało 5 prób"), "{tries:?}");
}

#[test]
fn v_02_the_card_page_speaks_the_language_asked_for_and_offers_eight() {
    let house = House::open();
    let page = house.page(&house.request(payment(1)));
    let said = [
        (Locale::Fr, "Numéro de carte"),
        (Locale::En, "Card number"),
        (Locale::De, "Kartennummer"),
        (Locale::Es, "Número de tarjeta"),
        (Locale::It, "Numero della carta"),
        (Locale::Nl, "Kaartnummer"),
        (Locale::Pt, "Número do cartão"),
        (Locale::Pl, "Numer karty"),
    ];
    for (locale, number) in said {
        let body = house.get(&format!("{page}?lang={}", locale.code())).body;
        assert!(body.contains(&format!("<html lang=\"{}\">", locale.code())));
        assert!(body.contains(number), "{number}");
        for other in Locale::ALL {
            assert!(body.contains(other.own_name()), "{} in {}", other.own_name(), locale.code());
        }
    }
    let typed = "lang=de&number=4242424242424242&exp=12/30&holder=Anne";
    let kept = house.post(&page, typed).body;
    assert!(kept.contains("Mit Karte zahlen") && !kept.contains("4242424242424242"));
}

#[test]
fn u_60_a_page_that_is_not_there_follows_the_address_then_the_browser() {
    let house = House::open();
    let polish = [("accept-language", "cs, pl;q=0.8, en;q=0.5")];
    let lost = house.send("GET /v/c/unknown HTTP/1.1\r\n", &polish, "");
    assert_eq!(lost.status, 404);
    assert!(lost.body.contains("Nie znaleziono strony"), "{}", lost.body);
    assert!(lost.body.contains("/v/c/unknown?lang=nl"), "the menu of languages");
    let asked = house.send("GET /v/c/unknown?lang=nl HTTP/1.1\r\n", &polish, "");
    assert!(asked.body.contains("Pagina niet gevonden"));
}

#[test]
fn v_18_a_page_may_be_opened_before_its_payment_exists() {
    let house = House::open();
    let mut request = house.request(payment(1));
    request.payment = None;
    let page = house.page(&request);
    let sent = house.post(&page, "number=4242424242424242&exp=12/30&code=123");
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(house.redeem(&sent, Some(payment(2))).is_err(), "bound to what it was opened for");
    let first = house.redeem(&sent, None).unwrap().card;
    assert_eq!(house.redeem(&sent, None).unwrap().card.token, first.token, "repeatable");
}

#[test]
fn v_20_a_card_given_by_phone_is_typed_by_staff() {
    let house = House::open();
    let request = vault_wire::CaptureCreate {
        purpose: vault_wire::Purpose::Moto,
        ..house.request(payment(7))
    };
    let page = house.page(&request);
    let form = house.get(&page).body;
    assert!(!form.contains("autocomplete=\"cc-"), "the browser fills nothing in and keeps nothing");
    assert!(form.contains("autocomplete=\"off\""));
    assert!(form.contains("name=\"number\" type=\"text\""));
    let masked = house.get(&format!("{page}?mask=1")).body;
    assert!(masked.contains("name=\"number\" type=\"password\""));
    let wrong = house.post(&page, "number=4242424242424242&exp=1&code=123&brand=");
    assert_eq!(wrong.status, 422);
    let sent = house.post(&page, "exp=12/30&code=123&brand=");
    assert_eq!(sent.status, 303, "{}", sent.body);
    let card = house.redeem(&sent, request.payment).unwrap().card;
    assert_eq!((card.entry.as_str(), card.last4.as_str()), ("phone", "4242"));
}
