'use strict'
// A merchant's billing code over node-soap, with callbacks as before there were promises.
//
//     node node-soap.js http://127.0.0.1:8080 LOGIN PASSWORD soap|soap-2018 [soap12]
const shop = require('./telling')

const [host, login, password, library, way] = process.argv.slice(2)
const soap = require(library)
const auth = { version: '22.0', login, password }
const options = { forceSoap12Headers: way === 'soap12' }

// The host is what changes: calls go to the address that the document names.
function client (service) {
  return new Promise((resolve, reject) => {
    soap.createClient(`${host}/22.0/${service}.wsdl`, options, (error, made) => error ? reject(error) : resolve(made))
  })
}

function call (made, operation, args) {
  const whole = Object.assign({ auth, srd: '' }, args)
  return new Promise((resolve, reject) => {
    made[operation](whole, (error, result) => error ? reject(error) : resolve(plain(result)), { gzip: true, forever: true })
  })
}

// Every element has an xsi:type, so that node-soap gives its text as $value beside its attributes.
function plain (part) {
  if (Array.isArray(part)) return part.map(plain)
  if (part === null || typeof part !== 'object' || part instanceof Date) return part
  if ('$value' in part) return part.$value
  const fields = Object.entries(part).filter(([name]) => name !== 'attributes')
  return Object.fromEntries(fields.map(([name, value]) => [name, plain(value)]))
}

async function main () {
  const [products, plans, accounts, autobills, transactions, diagnostic] = await Promise.all(
    ['Product', 'BillingPlan', 'Account', 'AutoBill', 'Transaction', 'Diagnostic'].map(client))

  const echo = await call(diagnostic, 'echoString', { clientString: shop.TITLE })
  shop.step('echoString', { same: echo.serverEchoOfClientString === shop.TITLE, latin: echo.reference_non_ASCII_string })
  const moment = await call(diagnostic, 'echoDateTime', { clientDateTime: '2031-07-04T12:30:15.250Z' })
  shop.step('echoDateTime', { isDate: moment.serverEchoOfClientDateTime instanceof Date, moment: moment.serverEchoOfClientDateTime })
  shop.step('echoBoolean', await call(diagnostic, 'echoBoolean', { clientBoolean: false }))
  shop.step('objectDate', await call(diagnostic, 'echoDateTime', { clientDateTime: new Date(2031, 6, 4) }))

  shop.step('product', await call(products, 'update', { product: shop.product }))
  shop.step('plan', await call(plans, 'update', { billingPlan: shop.billingPlan }))
  shop.step('account', await call(accounts, 'update', { account: shop.account }))

  const fetched = (await call(accounts, 'fetchByMerchantAccountId', { merchantAccountId: 'js-reader' })).account
  fetched.company = 'Ørsted & Søn'
  fetched.shippingAddress.addr1 = null
  fetched.paymentMethods[0].creditCard.expirationDate = '203912'
  fetched.nameValues = [{ name: 'source', value: 'shop' }]
  shop.step('changed', await call(accounts, 'update', { account: fetched }))

  const card = { VID: fetched.paymentMethods[0].VID }
  const sold = await call(autobills, 'update', { autobill: shop.autobill('js-card', card), immediateAuthFailurePolicy: 'doNotSaveAutoBill', validateForFuturePayment: false, minChargebackProbability: 100 })
  shop.step('subscribedByCard', sold)
  const byHand = await call(autobills, 'update', { autobill: shop.autobill('js-hand', shop.byHand) })
  const autobill = { VID: byHand.autobill.VID }

  const due = await call(autobills, 'fetchInvoiceNumbers', { autobill, invoicestate: 'Due' })
  const all = await call(autobills, 'fetchInvoiceNumbers', { autobill, invoicestate: null })
  const none = await call(autobills, 'fetchInvoiceNumbers', { autobill, invoicestate: 'Written Off' })
  shop.step('invoices', { due: due.invoicenum, inAll: all.invoicenum.includes(due.invoicenum[0]), none })
  shop.step('paidByCard', await call(autobills, 'makePayment', { autobill, paymentMethod: card, amount: 14.99, currency: 'USD', invoiceId: due.invoicenum[0], note: 'für Zoë' }))
  shop.step('paidByCheque', await call(autobills, 'makePayment', { autobill, paymentMethod: shop.cheque, amount: '14.99', currency: 'USD' }))
  const paid = await call(autobills, 'fetchInvoiceNumbers', { autobill, invoicestate: 'Paid' })
  shop.step('paid', paid.invoicenum.includes(due.invoicenum[0]))
  const invoice = await call(autobills, 'fetchInvoice', { autobill, invoiceId: due.invoicenum[0], asPDF: true })
  shop.step('invoice', Buffer.from(invoice.invoice, 'base64').toString('latin1').slice(0, 5))

  shop.step('autobills', await call(autobills, 'fetchByAccount', { account: { merchantAccountId: 'js-reader' }, page: 0, pageSize: 10 }))
  shop.step('transactions', await call(transactions, 'fetchByAccount', { account: { merchantAccountId: 'js-reader' } }))

  shop.step('unknownAccount', await call(autobills, 'fetchByAccount', { account: { merchantAccountId: 'nobody' } }))
  const chargebacks = await client('Chargeback')
  shop.step('unknown404', await call(chargebacks, 'fetchByAccount', { account: { merchantAccountId: 'nobody' } }))
  shop.step('wrongPassword', await call(accounts, 'fetchByVid', { auth: { version: '22.0', login, password: 'wrong' }, vid: '0' }))

  // A header that must be understood, which no service of this API does.
  accounts.setSecurity(new soap.WSSecurity(login, password, { mustUnderstand: true }))
  try {
    await call(accounts, 'fetchByMerchantAccountId', { merchantAccountId: 'js-reader' })
  } catch (error) {
    shop.step('fault', plain(error.root.Envelope.Body.Fault))
  }
  shop.finish()
}

main().catch(shop.fail)
