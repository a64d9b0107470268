//! Guards of showing a card, as staff sets and meets them.

use std::time::{Duration, Instant};

use crate::browser::Page;
use crate::cards::{CALM, Staff};
use crate::demo::{Demo, agent};

const ANNE: &str = "anne@tuffeaux.example";

/// Sends the settings with some fields set: status and page.
fn save(staff: &Staff<'_>, set: &[(&str, &str)]) -> (u16, Page) {
    let mut form = staff.open("/parametres/cartes").form_with("hours_from");
    for (name, value) in set {
        form.fields.retain(|(known, _)| known != name);
        form.fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let mut reply = staff.post(&form);
    let html = reply.body_mut().read_to_string().unwrap();
    (reply.status().as_u16(), Page { url: form.action, html })
}

#[test]
fn v_75_hours_networks_and_showings_are_set_by_the_property_and_a_fault_stands_at_its_field() {
    let demo = Demo::start();
    let staff = Staff::owner(&demo);
    for (set, said) in [
        ([("hours_from", "07:00"), ("hours_to", "")], "Indiquez les deux heures"),
        ([("hours_from", "07:00"), ("hours_to", "07:00")], "Choisissez deux heures différentes"),
        ([("networks", "127.0.0.1 chez-nous"), ("hours_to", "")], "Écrivez un réseau par ligne"),
        ([("max_per_card", "100"), ("hours_to", "")], "Un nombre de 1 à 99"),
    ] {
        let (status, page) = save(&staff, &set);
        assert_eq!((status, page.says(said)), (422, true), "{set:?}: {}", page.html);
        let (field, value) = set[0];
        assert!(page.html.contains(value.split(' ').next().unwrap()), "{field} is kept");
    }
    let set = [("hours_from", "22:00"), ("hours_to", "06:00"), ("max_per_card", "3")];
    let (status, page) = save(&staff, &set);
    assert_eq!((status, page.says("Réglages enregistrés")), (200, true), "{}", page.html);
    let kept = staff.open("/parametres/cartes").form_with("hours_from");
    for field in set {
        let kept = kept.fields.iter().any(|(name, value)| (name.as_str(), value.as_str()) == field);
        assert!(kept, "{field:?}");
    }
    // It is morning in the demo.
    assert!(staff.choose_pin("47120938").says("Votre PIN est actif"));
    let card = demo.add_card("HOP-5", CALM);
    let page = staff.open(&format!("/cartes/{card}"));
    let (button, _) = page.form_saying("Voir la carte");
    let mut refused = staff.post(&button);
    let html = refused.body_mut().read_to_string().unwrap();
    let page = Page { url: button.action, html };
    assert!(page.says("Vos réglages n'affichent pas de carte à cette heure-ci"), "{}", page.html);
}

/// Asks until the answer is there: the vault hears of people within seconds.
fn until<T>(what: &str, ask: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A second owner of the hotel.
fn invite_anne<'d>(demo: &'d Demo, staff: &Staff<'_>) -> Staff<'d> {
    let mut form = staff.open("/parametres/utilisateurs").form_with("name");
    form.fields.retain(|(name, _)| name == "form_token");
    for (name, value) in [("name", "Anne"), ("email", ANNE), ("role", "owner"), ("lang", "fr")] {
        form.fields.push((name.into(), value.into()));
    }
    let mut reply = staff.post(&form);
    let html = reply.body_mut().read_to_string().unwrap();
    assert!(reply.status().as_u16() < 400, "{html}");
    Staff::of(demo, ANNE)
}

/// Presses "Voir la carte": where it leads, if it leads anywhere.
fn view(staff: &Staff<'_>, card: &str) -> Option<String> {
    let page = staff.open(&format!("/cartes/{card}"));
    let (button, _) = page.form_saying("Voir la carte");
    let reply = staff.post(&button);
    let there = reply.headers().get("location")?;
    Some(there.to_str().unwrap().to_owned())
}

/// The vault's page, as the person's own browser opens it.
fn visit(url: &str) -> (u16, Page) {
    let asked = agent().get(url).header("accept-language", "fr");
    let mut reply = asked.header("sec-fetch-dest", "document").call().unwrap();
    let html = reply.body_mut().read_to_string().unwrap();
    (reply.status().as_u16(), Page { url: url.to_owned(), html })
}

#[test]
fn v_76_a_second_person_agrees_in_the_back_office_and_the_page_that_waits_goes_on() {
    let demo = Demo::start();
    let claire = Staff::owner(&demo);
    assert!(claire.choose_pin("47120938").says("Votre PIN est actif"));
    let card = demo.add_card("HOP-5", CALM);
    let (status, page) = save(&claire, &[("second_person", "always")]);
    assert_eq!((status, page.says("Réglages enregistrés")), (200, true), "{}", page.html);
    assert!(page.html.contains("value=\"always\" selected"), "{}", page.html);
    assert_eq!(view(&claire, &card), None, "nobody else could agree");

    let anne = invite_anne(&demo, &claire);
    let url = until("the vault never heard of Anne", || view(&claire, &card));
    let (status, waits) = visit(&url);
    assert_eq!((status, waits.says("En attente d'un accord")), (202, true), "{}", waits.html);
    assert!(anne.open("/cartes").says("1 personne attend votre accord"));
    let own = claire.open("/cartes/accords");
    assert!(own.says("une autre personne doit répondre") && !own.says("Accepter"), "{}", own.html);
    let question = anne.open("/cartes/accords");
    for said in ["Claire", "Autre", "127.0.0.1", "demandent un accord à chaque fois"] {
        assert!(question.says(said), "{said}: {}", question.html);
    }
    let (mut form, yes) = question.form_saying("Accepter");
    form.fields.push(yes);
    assert_eq!(anne.send(&form), "/cartes/accords");
    let again = anne.post(&form);
    assert_eq!(again.status().as_u16(), 410, "one word is enough");
    let (status, page) = visit(&url);
    assert_eq!((status, page.says("Votre PIN")), (200, true), "{}", page.html);
    demo.assert_sound();
}

#[test]
fn v_60_a_person_who_is_removed_from_the_house_has_no_pin_in_the_vault_any_more() {
    let demo = Demo::start();
    let claire = Staff::owner(&demo);
    assert!(claire.choose_pin("47120938").says("Votre PIN est actif"));
    let anne = invite_anne(&demo, &claire);
    assert!(anne.choose_pin("83052714").says("Votre PIN est actif"));
    let is_listed = || claire.open("/parametres/cartes").html.contains("<strong>Anne</strong>");
    assert!(is_listed());
    // Somebody else could agree: the vault has heard of her.
    save(&claire, &[("second_person", "always")]);
    let card = demo.add_card("HOP-5", CALM);
    until("the vault never heard of Anne", || view(&claire, &card));
    let people = claire.open("/parametres/utilisateurs");
    let link = people.html.split("href=\"").find(|part| part.contains(">Anne<")).unwrap();
    let path = link.split('"').next().unwrap();
    let removal = claire.open(&format!("{path}/retirer"));
    let form = removal.forms().into_iter().find(|form| form.action.contains("/retirer")).unwrap();
    claire.send(&form);
    until("the vault never heard that Anne left", || (!is_listed()).then_some(()));
    assert!(claire.open("/parametres/cartes").says("Votre PIN est actif"), "hers stays");
}

#[test]
fn v_13_who_wants_to_see_a_number_says_why_where_the_property_asks_for_it() {
    let demo = Demo::start();
    let staff = Staff::owner(&demo);
    assert!(staff.choose_pin("47120938").says("Votre PIN est actif"));
    let card = demo.add_card("HOP-5", CALM);
    assert!(view(&staff, &card).is_some(), "nobody asks");
    let (status, page) = save(&staff, &[("purpose_required", "1"), ("second_person", "")]);
    assert_eq!((status, page.says("Réglages enregistrés")), (200, true), "{}", page.html);
    let page = staff.open(&format!("/cartes/{card}"));
    let (button, _) = page.form_saying("Voir la carte");
    let mut asked = staff.post(&button);
    let html = asked.body_mut().read_to_string().unwrap();
    let page = Page { url: button.action, html };
    assert!(page.says("Pourquoi voir la carte"), "{}", page.html);
    let mut form = page.form_with("asked");
    let mut mute = staff.post(&form);
    let html = mute.body_mut().read_to_string().unwrap();
    assert_eq!((mute.status().as_u16(), html.contains("Choisissez la raison")), (422, true));
    form.fields.push(("purpose".into(), "terminal".into()));
    let there = staff.send(&form);
    assert!(there.contains("/v/r/"), "{there}");
    demo.assert_sound();
}
