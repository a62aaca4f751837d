// What the programs of this folder tell the test: one JSON object, a member per way to call, in it one per step.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Web.Script.Serialization;

static class Telling
{
    static readonly Dictionary<string, Dictionary<string, object>> ways = new Dictionary<string, Dictionary<string, object>>();
    static Dictionary<string, object> steps;

    public static void Begin(string way) { ways.Add(way, steps = new Dictionary<string, object>()); }

    public static void Step(string name, object told) { steps.Add(name, told); }

    public static void Finish() { Console.WriteLine(new JavaScriptSerializer { MaxJsonLength = int.MaxValue }.Serialize(ways)); }

    // Decimals keep the digits that came in, which a number of JSON would not.
    public static string Text(decimal value) { return value.ToString(CultureInfo.InvariantCulture); }

    // The moment, and of which kind the client holds it to be.
    public static string Moment(DateTime value)
    {
        return value.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) + " " + value.Kind;
    }
}
