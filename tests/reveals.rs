//! Guards of showing a card, as staff sets and meets them.

use crate::browser::Page;
use crate::cards::{CALM, Staff};
use crate::demo::Demo;

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
