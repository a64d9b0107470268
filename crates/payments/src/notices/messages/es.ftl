# Correos a quien paga.
notices-receipt-subject = Recibo de { $amount } – { $merchant }
notices-checking-subject = Estamos verificando su pago
notices-accepted-subject = Pago aceptado: { $amount }
notices-refused-subject = Pago rechazado: { $amount }
notices-cancelled-subject = Pago anulado: { $amount }
notices-refund-subject = Reembolso de { $amount }

notices-hello = Buenos días, { $name }:
notices-hello-unnamed = Buenos días:
notices-amount = Importe: { $amount }
notices-reference = Referencia: { $reference }
notices-date = Fecha: { $when }
notices-refund-text = { $merchant } le ha reembolsado { $amount }.

notices-receipt-follows = El enlace de este mensaje abre su recibo; podrá leerlo e imprimirlo durante 15 meses.
notices-checking-follows = Le escribiremos en cuanto el banco responda. El enlace de este mensaje muestra el estado del pago.
notices-accepted-follows = El enlace de este mensaje abre su confirmación.
notices-refused-follows = Para intentarlo de nuevo, abra el enlace de este mensaje.
notices-contact = ¿Alguna pregunta? Llame al { $phone } o escriba a { $email }.
notices-contact-email = ¿Alguna pregunta? Escriba a { $email }.
notices-test = PRUEBA: este pago es un ensayo, no se ha movido dinero.
