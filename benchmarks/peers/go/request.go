package main

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// createRequest is the body; a member that is null or absent is left at its zero.
type createRequest struct {
	UserID    int64  `json:"userId"`
	Objective string `json:"objective"`
	StoreName string `json:"storeName"`
	Industry  string `json:"industry"`
	Address   string `json:"address"`
}

// parseCreateRequest reads and judges the body.
func parseCreateRequest(body []byte) (*createRequest, *apiError) {
	if !utf8.Valid(body) {
		return nil, badRequest("MALFORMED_REQUEST")
	}
	var request createRequest
	var wrongType *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &request); err != nil && !errors.As(err, &wrongType) {
		return nil, badRequest("MALFORMED_REQUEST")
	}
	if wrongType != nil || request.UserID <= 0 {
		return nil, badRequest("MALFORMED_REQUEST", faultyMembers(body, request.UserID)...)
	}
	objective, known := parseObjective(request.Objective)
	if !known {
		return nil, badRequest("EVENT_001")
	}
	request.Objective = objective
	return &request, request.checkStore()
}

// faultyMembers names every member of a wrong type; the decoder tells only the first.
func faultyMembers(body []byte, userID int64) []string {
	var faults []string
	if userID <= 0 {
		faults = append(faults, "userId")
	}
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return faults
	}
	for _, name := range []string{"objective", "storeName", "industry", "address"} {
		switch members[name].(type) {
		case nil, string:
		default:
			faults = append(faults, name)
		}
	}
	return faults
}

func parseObjective(text string) (string, bool) {
	if slices.Contains(objectives, text) { // as nearly everybody sends it
		return text, true
	}
	label := norm.NFC.String(strings.TrimSpace(text))
	return label, slices.Contains(objectives, label)
}

func (r *createRequest) checkStore() *apiError {
	var missing, invalid []string
	for _, field := range []struct {
		name, text     string
		mostCodePoints int
	}{{"storeName", r.StoreName, 100}, {"industry", r.Industry, 50}, {"address", r.Address, 200}} {
		if strings.TrimSpace(field.text) == "" {
			missing = append(missing, field.name)
		} else if strings.ContainsFunc(field.text, unicode.IsControl) || utf8.RuneCountInString(field.text) > field.mostCodePoints {
			invalid = append(invalid, field.name)
		}
	}
	if missing != nil {
		return badRequest("EVENT_002", missing...)
	}
	if invalid != nil {
		return badRequest("INVALID_STORE_INFO", invalid...)
	}
	return nil
}
