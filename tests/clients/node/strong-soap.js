'use strict'
// The same over strong-soap, with promises.
//
//     node strong-soap.js http://127.0.0.1:8080 LOGIN PASSWORD
const { soap } = require('strong-soap')
const shop = require('./telling')

const [host, login, password] = process.argv.slice(2)
const auth = { version: '22.0', login, password }

function client (service) {
  return new Promise((resolve, reject) => {
    soap.createClient(`${host}/22.0/${service}.wsdl`, {}, (error, made) => error ? reject(error) : resolve(made))
  })
}

async function call (made, operation, args) {
  const { result } = await made[operation](Object.assign({ auth, srd: '' }, args))
  return plain(result)
}

// As in node-soap, but the attributes of an element are under $attributes.
function plain (part) {
  if (Array.isArray(part)) return part.map(plain)
  if (part === null || typeof part !== 'object' || part instanceof Date) return part
  if ('$value' in part) return part.$value
  const fields = Object.entries(part).filter(([name]) => name !== '$attributes')
  return Object.fromEntries(fields.map(([name, value]) => [name, plain(value)]))
}

async function main () {
  const [accounts, autobills, transactions, diagnostic] = await Promise.all(
    ['Account', 'AutoBill', 'Transaction', 'Diagnostic'].map(client))

  const echo = await call(diagnostic, 'echoString', { clientString: shop.TITLE })
  shop.step('echoString', { same: echo.serverEchoOfClientString === shop.TITLE, latin: echo.reference_non_ASCII_string })
  shop.step('echoBoolean', await call(diagnostic, 'echoBoolean', { clientBoolean: true }))
  const moment = await call(diagnostic, 'echoDateTime', { clientDateTime: '2031-07-04T12:30:15.250Z' })
  shop.step('echoDateTime', { moment: moment.serverEchoOfClientDateTime })
  shop.step('objectDate', await call(diagnostic, 'echoDateTime', { clientDateTime: new Date(Date.UTC(2031, 6, 4, 12, 30, 15)) }))

  shop.step('product', await call(await client('Product'), 'update', { product: shop.product }))
  shop.step('plan', await call(await client('BillingPlan'), 'update', { billingPlan: shop.billingPlan }))
  const stored = await call(accounts, 'update', { account: shop.account })
  shop.step('account', stored)
  shop.step('changed', await call(accounts, 'update', { account: Object.assign({}, stored.account, { company: 'Ørsted & Søn' }) }))

  const card = { VID: stored.account.paymentMethods[0].VID }
  const sold = await call(autobills, 'update', { autobill: shop.autobill('js-hand', shop.byHand) })
  const autobill = { VID: sold.autobill.VID }
  shop.step('subscribed', sold)
  shop.step('paidByCard', await call(autobills, 'makePayment', { autobill, paymentMethod: card, amount: 14.99, currency: 'USD' }))
  shop.step('paidByCheque', await call(autobills, 'makePayment', { autobill, paymentMethod: shop.cheque, amount: '14.99', currency: 'USD' }))
  shop.step('invoices', await call(autobills, 'fetchInvoiceNumbers', { autobill, invoicestate: 'Paid' }))
  shop.step('autobills', await call(autobills, 'fetchByAccount', { account: { merchantAccountId: 'js-reader' } }))
  shop.step('transactions', await call(transactions, 'fetchByAccount', { account: { merchantAccountId: 'js-reader' } }))
  shop.step('wrongPassword', await call(accounts, 'fetchByVid', { auth: { version: '22.0', login, password: 'wrong' }, vid: '0' }))

  accounts.setSecurity(new soap.WSSecurity(login, password, { mustUnderstand: true }))
  try {
    await call(accounts, 'fetchByMerchantAccountId', { merchantAccountId: 'js-reader' })
  } catch (error) {
    shop.step('fault', plain(error.root.Envelope.Body.Fault))
  }
  shop.finish()
}

main().catch(shop.fail)
