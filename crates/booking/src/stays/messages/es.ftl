# Búsqueda
stay-title = Reserve su estancia
stay-lede = Elija sus fechas: los precios y la disponibilidad aparecen al momento.
stay-places = Nuestros alojamientos
stay-closed = Aquí todavía no se puede reservar en línea. Póngase en contacto con nosotros: nuestros datos están al pie de esta página.
stay-all = Ver todos nuestros alojamientos
stay-search-label = Buscar una estancia
stay-search = Buscar
stay-arrival = Llegada
stay-departure = Salida
stay-choose = Elegir
stay-busy = Un momento…
stay-results = { $n ->
    [0] Del { $arrival } al { $departure }, { $guests }
    [one] { $n } alojamiento libre del { $arrival } al { $departure }, { $guests }
   *[other] { $n } alojamientos libres del { $arrival } al { $departure }, { $guests }
}
stay-nothing = No hay nada libre en estas fechas para este número de personas. Pruebe con otras fechas.
stay-nights = { $n ->
    [one] { $n } noche
   *[other] { $n } noches
}
stay-capacity = { $n ->
    [one] { $n } persona
   *[other] Hasta { $n } personas
}
stay-hours = Llegada desde las { $in }, salida antes de las { $out }
stay-units-left = { $n ->
    [one] El último
   *[other] Solo quedan { $n }
}
stay-registration = Número de registro { $number }
stay-price-note = { $n ->
    [one] por { $n } noche
   *[other] por { $n } noches
}
stay-deposit-note = Anticipo al reservar: { $amount }
# ¿Por qué este precio?
stay-why = ¿Por qué este precio?
stay-why-exact = { $n ->
    [one] Precio de la noche solicitada.
   *[other] Hay un precio para exactamente { $n } noches a partir de ese día.
}
stay-why-nights = Suma de { $n } precios por noche, cada uno en su fecha.
stay-why-nights-note = Si cada noche tiene su precio, se aplica la suma: los precios de varias noches no se combinan.
stay-why-nights-cheaper = Si cada noche tiene su precio, se aplica la suma: { $parts } noches = { $amount } no se ha evaluado, porque los precios de varias noches no se combinan.
stay-why-cover = Las { $n } noches se cubren con los precios disponibles, al total más bajo.
stay-why-cheapest = Las { $n } noches se cubren de la forma más económica.
stay-adjustment-long-stay = Estancia larga
stay-adjustment-non-refundable = No reembolsable
stay-adjustment-promotion = Promoción
stay-total = Total
# No disponible
stay-reason-not-open = La noche del { $date } no está a la venta.
stay-reason-sales-closed = La noche del { $date } ya no está a la venta.
stay-reason-sold-out = La noche del { $date } está completa.
stay-reason-held-by-other = La noche del { $date } está retenida por otro comprador.
stay-reason-held-until = Esta habitación está retenida hasta las { $time }.
stay-reason-no-price = No hay precio para estas fechas y esta duración.
stay-reason-capacity-exceeded = { $n ->
    [one] Para { $n } persona como máximo.
   *[other] Para { $n } personas como máximo.
}
stay-reason-bracket-not-priced = No hay precio para uno de los grupos de edad.
# Cesta
stay-contact-title = Sus datos
stay-contact-lede = En cuanto se guardan sus datos, el alojamiento queda retenido para usted durante una hora.
stay-basket-title = Su reserva
stay-first-name = Nombre
stay-last-name = Apellidos
stay-email = Correo electrónico
stay-email-hint = Allí se enviará el recibo
stay-phone = Teléfono
stay-phone-hint = Por ejemplo, +34 612 34 56 78
stay-continue = Continuar
stay-you = Usted
stay-edit-contact = Modificar mis datos
stay-your-stay = Su estancia
stay-length = Duración
stay-guests = Huéspedes
stay-deposit = Anticipo a pagar ahora
stay-rest = Saldo que se pagará más tarde
stay-held-until = Reservado para usted hasta las { $time }
stay-minutes-left = Quedan {"{"}n{"}"} min
stay-hold-over = El plazo ha terminado. Su cesta se conserva: si el alojamiento sigue libre, puede pagar.
stay-prolong = Prolongar
stay-prolong-hint = Una hora más, una sola vez.
stay-prolonged-already = Ya ha prolongado una vez.
stay-others-wait = Otra persona espera este alojamiento: no se puede retener más tiempo.
stay-prolong-limit = Se han agotado las cuatro horas en total.
stay-lifetime = Una cesta no puede retener un alojamiento más de cuatro horas. Haga una nueva búsqueda.
stay-gone = Otra persona acaba de reservar esta habitación. No se ha cobrado nada.
stay-gone-held = Otro comprador retiene esta habitación hasta las { $time }. No se ha cobrado nada.
stay-price-changed = El precio ha cambiado desde su búsqueda: de { $old } a { $new }. No se ha cobrado nada. Si lo acepta, puede continuar.
stay-below-minimum = El pago con tarjeta se admite a partir de { $minimum }.
stay-other-search = Hacer otra búsqueda
stay-proceed = Continuar al pago
stay-deposit-short = Anticipo
stay-pay-all = Pagar el total: { $amount }
stay-confirm = Confirmar
stay-legal-free = Al confirmar, formaliza su reserva. El alojamiento en fechas determinadas no da derecho de desistimiento.
stay-legal = Al pagar, formaliza su reserva. El alojamiento en fechas determinadas no da derecho de desistimiento.
# Reserva sin pago
stay-booked-title = Su reserva es firme
stay-booked-text = Gracias, { $name }, le esperamos.
stay-number = Número de reserva
stay-calendar = Añadir a mi calendario
stay-print = Imprimir
# Errores
stay-fault-arrival-missing = Introduzca la fecha de llegada
stay-fault-departure-missing = Introduzca la fecha de salida
stay-fault-invalid-dates = La salida debe ser posterior a la llegada
stay-fault-past-date = La fecha de llegada ya ha pasado
stay-fault-stay-too-long = Una estancia tiene como máximo 366 noches
stay-fault-guests = Introduzca un número de 0 a 20
stay-fault-nobody = Indique entre 1 y 99 personas
stay-fault-first-name-missing = Introduzca su nombre
stay-fault-last-name-missing = Introduzca sus apellidos
stay-fault-email-format = Introduzca un correo electrónico, por ejemplo nombre@ejemplo.es
stay-fault-phone-format = Introduzca un número de teléfono, por ejemplo +34 612 34 56 78
stay-fault-card-number = No introduzca un número de tarjeta en este campo
stay-fault-too-long = Este texto es demasiado largo
stay-fault-invalid-field = Escríbalo en una sola línea
