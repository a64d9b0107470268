//! What a guest sees of his own card, by real processes.

use serde_json::Value;
use vault_wire::proof::CardFile;

use crate::browser::{open, readable};
use crate::cards::Staff;
use crate::demo::{Demo, PATIENCE, agent};
use crate::lots::{booked, wait};

/// The address of the guest's own page, as the mail of his booking names it.
fn mine(demo: &Demo, number: &str) -> String {
    let mails = demo.inbox();
    let of_booking =
        |mail: &&Value| mail["subject"].as_str().is_some_and(|text| text.contains(number));
    let mail = mails.iter().find(of_booking).unwrap();
    let text = mail["text"].as_str().unwrap();
    let at = text.find(&format!("{}/m/", demo.app())).unwrap_or_else(|| panic!("{text}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}

/// The first link of a page that leads below an address.
fn below(html: &str, lead: &str, ends: &str) -> String {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let found = { links }.find(|link| link.contains(lead) && link.ends_with(ends));
    found.unwrap_or_else(|| panic!("{lead}: {html}")).to_owned()
}

#[test]
fn v_150_v_162_a_guest_sees_who_saw_his_card_and_checks_it_himself() {
    let demo = Demo::start();
    let booking = booked(&demo, "Suite", "Anna");
    let known = demo.get(&format!("/v1/bookings/{booking}")).body;
    let staff = Staff::owner(&demo);
    let page = format!("/reservations/{booking}");
    wait(PATIENCE, "the card", || {
        readable(&staff.open("/reservations").html).contains("non vérif")
    });
    let card = below(&staff.open(&format!("{page}?onglet=carte")).html, "/cartes/card_", "");
    let card = card.rsplit('/').next().unwrap().to_owned();
    assert!(staff.choose_pin("47120938").says("Votre PIN est actif"));
    let shown = staff.open(&format!("/cartes/{card}"));
    let (button, _) = shown.form_saying("Voir la carte");
    let there = staff.send(&button);
    assert!(there.contains("/v/r/"), "{there}");

    let own = mine(&demo, known["number"].as_str().unwrap());
    let seen = open(&own);
    assert!(seen.says("Votre carte") && seen.says("Gardée au coffre"), "{}", seen.html);
    let href = below(&seen.html, "/carte/card_", "");
    let list = open(&format!("{}{href}", demo.app()));
    let text = readable(&list.html);
    for words in
        ["Carte enregistrée", "accepté par la banque", "Affichage demandé", "Direction, C."]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("Claire"), "{text}");
    let english = readable(&open(&format!("{}{href}?lang=en", demo.app())).html);
    assert!(english.contains("Card stored in the vault"), "{english}");

    // Each line has its proof, and all of them leave with the guest.
    let journal = below(&list.html, "/journal", "/journal");
    let file = agent().get(format!("{}{journal}", demo.app())).call().unwrap();
    let file: CardFile = serde_json::from_reader(file.into_body().into_reader()).unwrap();
    assert!(file.check(None).is_sound() && file.entries.len() > 3);
    let first = open(&format!("{}{href}/{}", demo.app(), file.entries[0].seq));
    assert!(first.says("Nous venons de refaire le calcul"), "{}", first.html);

    // The same for programs, and the log behind it.
    let told = demo.get(&format!("/v1/cards/{card}/accesses")).body;
    let told = told["data"].as_array().unwrap();
    assert!(told.len() >= file.entries.len());
    let of_claire =
        |one: &&Value| one["actor"]["initials"] == "C." && one["actor"]["role"] == "owner";
    assert!(told.iter().any(|one| of_claire(&one)), "{told:?}");
    let log = format!("/v1/log/{}", demo.merchant(0)["id"].as_str().unwrap());
    let head = demo.get(&format!("{log}/checkpoint")).body;
    let size = head["size"].as_u64().unwrap();
    let entries = demo.get(&format!("{log}/entries?from=1&limit=2")).body;
    assert_eq!(entries["data"][0]["seq"], 1);
    let proof = demo.get(&format!("{log}/proof/inclusion?seq=0&size={size}")).body;
    assert_eq!((&proof["tree_size"], &proof["seq"]), (&size.into(), &0.into()));
    assert_eq!(demo.get(&format!("{log}/proof/consistency?old=1&new={size}")).status, 200);
    let foreign = format!("/v1/log/{}/checkpoint", demo.merchant(1)["id"].as_str().unwrap());
    assert_eq!(demo.get(&foreign).status, 404);
    for bad in ["inclusion", "inclusion?seq=99999999", "consistency?old=0", "inclusion?seq=x"] {
        assert_eq!(demo.get(&format!("{log}/proof/{bad}")).status, 422, "{bad}");
    }

    // Destroyed, it is told of for thirteen months.
    demo.call_as(demo.api_key(0), ("DELETE", &format!("/v1/cards/{card}")), None, None);
    let gone = readable(&open(&format!("{}{href}", demo.app())).html);
    assert!(gone.contains("Numéro détruit") && gone.contains("reste lisible"), "{gone}");
    let receipts = demo.get(&format!("/v1/cards/{card}/receipts")).body;
    assert_eq!(receipts["data"][0]["what"], "number");
    let stranger = own.replace("/m/", "/m/x");
    assert_eq!(agent().get(&stranger).call().unwrap().status().as_u16(), 404);
    demo.assert_sound();
}
