use kernel::{AuditId, UserId};

use crate::audit::{self, Line, Origin};
use crate::fixtures::House;

#[tokio::test]
async fn u_07_a_line_exists_with_its_change_or_not_at_all() {
    let house = House::new(&[]).await.unwrap();
    let (scope, now) = (house.hotel.scope.clone(), house.ctx.real_now());
    let id = AuditId::new(now, house.ctx.rng.as_ref());
    let origin = Origin {
        address: "192.0.2.1".into(),
        device: "Firefox 4242 4242 4242 4242".into(),
        role: "owner".into(),
    };
    let line = Line::new("role.given", house.malik.id, &origin).before("desk").after("reception");
    let (own, lost) = (scope.clone(), line.clone());
    let fails = move |tx: &mut db::Tx<'_>| -> Result<(), db::DbError> {
        audit::record(tx, &own, &lost, now, id)?;
        Err(db::DbError::Closed)
    };
    assert!(house.ctx.db.write(db::Route::any(), fails).await.is_err());
    let of = |scope: kernel::Scope, user: UserId| {
        house.ctx.db.read(move |tx| audit::lines_of(tx, &scope, &user.to_string()))
    };
    assert_eq!(of(scope.clone(), house.malik.id).await.unwrap().len(), 0);
    let own = scope.clone();
    let works = move |tx: &mut db::Tx<'_>| audit::record(tx, &own, &line, now, id);
    house.ctx.db.write(db::Route::any(), works).await.unwrap();
    let lines = of(scope, house.malik.id).await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].before.as_deref(), Some("\"desk\""));
    assert_eq!(lines[0].device, "Firefox ******4242");
    assert_eq!(of(house.museum.scope.clone(), house.malik.id).await.unwrap().len(), 0);
}
