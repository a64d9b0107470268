use kernel::Right;

use crate::fixtures::{self, House};
use crate::users::{Assignment, UserError, ops, store};
use crate::{roles, scope};

#[tokio::test]
async fn u_06_nobody_grants_a_right_above_his_own() {
    let house = House::new(&[]).await.unwrap();
    let own = &house.hotel.scope;
    let reception = roles::preset(roles::RECEPTION).unwrap().rights();
    let malik = scope::for_staff(own.merchant(), own.mode(), house.malik.id, reception);
    let (id, now) = (house.malik.id, house.ctx.real_now());
    for (wish, expected) in [
        (Assignment::of_role("owner"), "nobody grants a right he lacks: booking.past.override"),
        (
            Assignment::of_role("controller").with(Right::CardReveal),
            "nobody grants a right he lacks: access.scan",
        ),
        (Assignment::of_role("king"), "no such role"),
        (
            Assignment::of_role("reception").up_to(Right::HomeView, 1),
            "this right carries no ceiling: home.view",
        ),
    ] {
        let scope = malik.clone();
        let give = move |tx: &mut db::Tx<'_>| ops::assign(tx, &scope, id, &wish, now);
        let refused = house.ctx.db.write(db::Route::any(), give).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
}

#[tokio::test]
async fn u_05_a_right_can_be_given_by_name() {
    let house = House::new(&[]).await.unwrap();
    let night = Assignment::of_role("reception").with(Right::CardReveal);
    let person = fixtures::person(&house.ctx, &house.hotel.scope, "Nuit", night).await.unwrap();
    let merchant = house.hotel.scope.merchant();
    let read = house.ctx.db.read(move |tx| store::assignments(tx, merchant, person.id)).await;
    let powers = ops::powers(&read.unwrap(), |_| true);
    assert!(powers.rights.contains(&Right::CardReveal));
    assert!(!powers.rights.contains(&Right::UsersManage));
}

#[tokio::test]
async fn an_address_has_one_account() {
    let house = House::new(&[]).await.unwrap();
    let again =
        fixtures::person(&house.ctx, &house.museum.scope, "CLAIRE", Assignment::of_role("owner"));
    let refused = again.await.unwrap_err();
    assert_eq!(refused.to_string(), UserError::EmailTaken.to_string());
}
